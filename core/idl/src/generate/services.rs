//! Services: a module for each.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::docs;
use super::names::Taken;
use super::scope::Scope;
use crate::model::{Method, ServiceId};

/// Names that the module of a service has besides those of its methods, parameters of its functions among them.
const OWN: [&str; 9] = ["C", "Client", "H", "Handler", "M", "METHODS", "R", "SERVICE", "register"];

/// Names of functions that a client has besides those of its methods.
const FUNCTIONS: [&str; 2] = ["new", "send"];

/// A method that can be called, with its names.
pub(super) struct Callable<'a> {
    pub(super) method: &'a Method,
    /// The service that declares it.
    pub(super) owner: ServiceId,
    /// `Service::method`, with the service that has it.
    pub(super) endpoint: String,
    /// The type that stands for it.
    pub(super) marker: Ident,
    /// The function that calls it.
    pub(super) function: Ident,
    /// The function that answers it, in the handler of the owner.
    pub(super) answer: Ident,
    /// The type of its arguments, in the module of the owner.
    pub(super) request: Ident,
    /// The type of its exceptions, in the module of the owner.
    pub(super) exceptions: Ident,
}

impl Scope<'_> {
    pub(super) fn service(&self, id: ServiceId) -> TokenStream {
        let service = &self.known[id];
        let (module, idl_name) = (&self.names[id], &*service.name);
        let doc = docs::of(service.doc.as_deref(), &format!("Service `{idl_name}`."));
        let scope = self.inside();
        let callables = scope.callables(id);
        let endpoints = callables.iter().map(|callable| &callable.endpoint);
        let methods = callables.iter().map(|callable| scope.method(id, callable));
        let (client, handler) = (scope.client(id, &callables), scope.handler(id, &callables));
        let body = quote! {
            #[doc = " The service's name."]
            pub const SERVICE: &str = #idl_name;
            #[doc = " Its methods as arg1 names them, those that it inherits behind its own."]
            pub const METHODS: &[&str] = &[#(#endpoints),*];
            #client
            #handler
            #(#methods)*
        };
        let uses = self.uses(&body);
        quote! { #doc pub mod #module { #uses #body } }
    }

    /// The methods of a service that can be called, those that it inherits behind its own.
    pub(super) fn callables(&self, id: ServiceId) -> Vec<Callable<'_>> {
        let (mut types, mut functions) = (Taken::in_module(&OWN), Taken::with(FUNCTIONS));
        let mut callables = self.own(id, &mut types, &mut functions);
        for owner in self.known.lineage(id).skip(1) {
            let inherited = self.own(owner, &mut Taken::in_module(&OWN), &mut Taken::with(FUNCTIONS));
            callables.extend(inherited.into_iter().map(|callable| Callable {
                marker: types.camel(&callable.method.name),
                function: functions.snake(&callable.method.name),
                endpoint: format!("{}::{}", self.known[id].name, callable.method.name),
                ..callable
            }));
        }
        callables
    }

    /// The methods that a service declares.
    fn own(&self, owner: ServiceId, types: &mut Taken, functions: &mut Taken) -> Vec<Callable<'_>> {
        let service = &self.known[owner];
        let callables = service.methods.iter().filter(|method| !method.oneway).map(|method| {
            let function = functions.snake(&method.name);
            Callable {
                method,
                owner,
                endpoint: format!("{}::{}", service.name, method.name),
                marker: types.camel(&method.name),
                answer: function.clone(),
                function,
                request: types.camel(&format!("{}_request", method.name)),
                exceptions: types.camel(&format!("{}_exceptions", method.name)),
            }
        });
        callables.collect()
    }

    /// The path of something in the module of a service.
    pub(super) fn in_service(&self, service: ServiceId, name: &Ident) -> TokenStream {
        let module = self.path(self.known[service].file, &self.names[service]);
        quote! { #module::#name }
    }

    /// The path of a name that the module of a service always has.
    pub(super) fn part_of(&self, service: ServiceId, name: &str) -> TokenStream {
        self.in_service(service, &format_ident!("{name}"))
    }
}
