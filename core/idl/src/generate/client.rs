//! Clients.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::names;
use super::scope::Scope;
use super::services::Callable;
use super::structs::MAX_PARAMETERS;
use crate::model::ServiceId;

impl Scope<'_> {
    /// The client of the service whose module this is.
    pub(super) fn client(&self, service: ServiceId, callables: &[Callable<'_>]) -> TokenStream {
        let idl_name = &self.known[service].name;
        let doc = docs::attributes(&format!(
            "Calls the methods of `{idl_name}`: what a call is, a future or an answer, is the caller's matter."
        ));
        let functions = callables.iter().map(|callable| self.client_function(service, callable));
        quote! {
            #doc
            #[derive(Clone, Debug)]
            pub struct Client<C> { caller: C }
            impl<C: thrift::Caller> Client<C> {
                /// Makes its calls with `caller`.
                #[must_use]
                pub const fn new(caller: C) -> Self { Self { caller } }
                /// Makes a call of a request, which can be kept and used again.
                pub fn send<M: thrift::Method>(&self, request: M::Request) -> C::Call<M> {
                    C::call::<M>(&self.caller, request)
                }
                #(#functions)*
            }
        }
    }

    fn client_function(&self, service: ServiceId, callable: &Callable<'_>) -> TokenStream {
        let Callable { method, marker, function, .. } = callable;
        let doc = docs::of(method.doc.as_deref(), &format!("Calls `{}`.", method.name));
        let request = self.request_type(service, callable);
        if method.arguments.len() > MAX_PARAMETERS {
            return quote! {
                #doc
                pub fn #function(&self, request: #request) -> C::Call<#marker> {
                    C::call::<#marker>(&self.caller, request)
                }
            };
        }
        let named = method.arguments.iter().zip(names::of_fields(&method.arguments));
        let (parameters, inits): (Vec<_>, Vec<_>) = named
            .map(|(field, name)| {
                let (ty, init) = self.parameter(field, None, &name);
                (quote! { #name: #ty }, init)
            })
            .unzip();
        if inits.is_empty() {
            return quote! {
                #doc
                pub fn #function(&self) -> C::Call<#marker> {
                    let request = #request::default();
                    C::call::<#marker>(&self.caller, request)
                }
            };
        }
        quote! {
            #doc
            pub fn #function(&self, #(#parameters),*) -> C::Call<#marker> {
                let request = #request { #(#inits),* };
                C::call::<#marker>(&self.caller, request)
            }
        }
    }
}
