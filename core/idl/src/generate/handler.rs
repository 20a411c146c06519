//! Handlers.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::scope::Scope;
use super::services::Callable;
use crate::model::ServiceId;

impl Scope<'_> {
    /// The trait of a handler of the service whose module this is, and what registers one.
    pub(super) fn handler(&self, service: ServiceId, callables: &[Callable<'_>]) -> TokenStream {
        let idl_name = &self.known[service].name;
        let doc = docs::attributes(&format!(
            "Answers the methods of `{idl_name}`, as async functions.\n\n`C` is what the server tells of a call beside its request."
        ));
        let parent = self.known[service].extends.map(|parent| self.part_of(parent, "Handler"));
        let bounds = parent.map_or_else(|| quote! { Send + Sync + 'static }, |parent| quote! { #parent<C> });
        let own = callables.iter().filter(|callable| callable.owner == service);
        let functions = own.map(|callable| self.handler_function(service, callable));
        let registrations = callables.iter().map(|callable| self.registration(service, callable));
        let register_doc = docs::attributes(&format!(
            "Has every method of `{idl_name}` answered by a handler, under this service's name; its server knows the files."
        ));
        let files = (!callables.is_empty()).then(|| {
            let files = self.files();
            quote! { R::thrift_files(server, #files); }
        });
        let server = if callables.is_empty() {
            quote! { _: &mut R, _: &Arc<H> }
        } else {
            quote! { server: &mut R, handler: &Arc<H> }
        };
        quote! {
            #doc
            pub trait Handler<C>: #bounds { #(#functions)* }
            #register_doc
            pub fn register<R, H>(#server)
            where
                R: thrift::Register,
                H: Handler<R::Context>,
            {
                #files
                #(#registrations)*
            }
        }
    }

    fn handler_function(&self, service: ServiceId, callable: &Callable<'_>) -> TokenStream {
        let Callable { method, answer, .. } = callable;
        let doc = docs::of(method.doc.as_deref(), &format!("Answers `{}`.", method.name));
        let (request, success) = (self.request_type(service, callable), self.success(callable));
        let exceptions = self.exceptions_type(service, callable);
        quote! {
            #doc
            fn #answer(
                &self,
                context: C,
                request: #request,
            ) -> impl Future<Output = Result<#success, thrift::Failure<#exceptions>>> + Send;
        }
    }

    fn registration(&self, service: ServiceId, callable: &Callable<'_>) -> TokenStream {
        let Callable { marker, owner, answer, .. } = callable;
        let handler = if *owner == service {
            quote! { Handler }
        } else {
            self.part_of(*owner, "Handler")
        };
        quote! {
            let shared = Arc::clone(handler);
            let answer = move |context, request| {
                let handler = Arc::clone(&shared);
                async move { #handler::#answer(&*handler, context, request).await }
            };
            R::register::<#marker, _, _>(server, answer);
        }
    }
}
