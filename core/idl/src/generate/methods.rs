//! Methods: a type for each, and those of its request and its exceptions.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::names;
use super::scope::Scope;
use super::services::Callable;
use super::structs::Record;
use crate::model::{ServiceId, Type};

impl Scope<'_> {
    /// The types of a method of the service whose module this is.
    pub(super) fn method(&self, service: ServiceId, callable: &Callable<'_>) -> TokenStream {
        let Callable { method, owner, endpoint, marker, .. } = callable;
        let idl_name = &*method.name;
        let is_own = *owner == service;
        let said = if is_own {
            format!("Method `{idl_name}`.")
        } else {
            format!("Method `{idl_name}`, inherited from `{}`.", self.known[*owner].name)
        };
        let doc = docs::attributes(&said);
        let (request, success) = (self.request_type(service, callable), self.success(callable));
        let exceptions = self.exceptions_type(service, callable);
        let types = is_own.then(|| self.own_types(callable));
        let stream = self.request_stream(callable);
        quote! {
            #doc
            #[derive(Clone, Copy, Debug)]
            pub enum #marker {}
            impl thrift::Method for #marker {
                const SERVICE: &'static str = SERVICE;
                const NAME: &'static str = #idl_name;
                const ENDPOINT: &'static str = #endpoint;
                type Request = #request;
                type Success = #success;
                type Exceptions = #exceptions;
            }
            #stream
            #types
        }
    }

    /// What a stream of requests is made of, for a method that may have one.
    fn request_stream(&self, callable: &Callable<'_>) -> Option<TokenStream> {
        let Callable { method, marker, .. } = callable;
        let mut arguments = method.arguments.iter();
        let (Some(only), None) = (arguments.next(), arguments.next()) else { return None };
        let Type::Struct(_) = self.known.resolved(&only.ty) else { return None };
        let item = self.ty(&only.ty);
        Some(quote! {
            impl thrift::RequestStream for #marker { type Item = #item; }
        })
    }

    fn own_types(&self, callable: &Callable<'_>) -> TokenStream {
        let Callable { method, request, exceptions, .. } = callable;
        let doc = docs::attributes(&format!("What `{}` is asked.", method.name));
        let request = self.record(&Record {
            name: request,
            idl_name: &format!("{}_args", method.name),
            doc,
            fields: &method.arguments,
            id: None,
            names: names::of_fields(&method.arguments),
        });
        let exceptions = (!method.throws.is_empty()).then(|| self.exceptions(method, exceptions));
        quote! { #request #exceptions }
    }

    /// The type of a method's arguments, in the module of `service`.
    pub(super) fn request_type(&self, service: ServiceId, callable: &Callable<'_>) -> TokenStream {
        let request = &callable.request;
        if callable.owner == service {
            quote! { #request }
        } else {
            self.in_service(callable.owner, request)
        }
    }

    /// The type of a method's exceptions, in the module of `service`.
    pub(super) fn exceptions_type(&self, service: ServiceId, callable: &Callable<'_>) -> TokenStream {
        let exceptions = &callable.exceptions;
        if callable.method.throws.is_empty() {
            quote! { Infallible }
        } else if callable.owner == service {
            quote! { #exceptions }
        } else {
            self.in_service(callable.owner, exceptions)
        }
    }

    /// The type of what a method returns.
    pub(super) fn success(&self, callable: &Callable<'_>) -> TokenStream {
        callable.method.returns.as_ref().map_or_else(|| quote! { () }, |ty| self.ty(ty))
    }
}
