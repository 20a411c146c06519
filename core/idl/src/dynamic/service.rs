//! Services by their names.

use super::Method;
use crate::Idl;
use crate::model::{self, Item, ServiceId};

/// A service of an IDL. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Service {
    idl: Idl,
    id: ServiceId,
}

/// A name that the IDL does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} `{name}`; there {}", shown(known))]
pub struct UnknownName {
    /// What the name should be of: `service`, or `method` and its service.
    pub what: String,
    /// The name.
    pub name: String,
    /// The names that there are.
    pub known: Vec<String>,
}

fn shown(names: &[String]) -> String {
    match names {
        [] => "is none at all".into(),
        [one] => format!("is only `{one}`"),
        names => format!("are `{}`", names.join("`, `")),
    }
}

impl Idl {
    /// The services of the file that was asked for, in its order.
    pub fn services(&self) -> impl Iterator<Item = Service> {
        let items = self.definitions().files.first().map_or(&[][..], |file| &file.items);
        items.iter().filter_map(|item| match item {
            Item::Service(id) => Some(Service { idl: self.clone(), id: *id }),
            Item::Struct(_) | Item::Enum(_) | Item::Typedef(_) | Item::Constant(_) => None,
        })
    }

    /// A service of the file that was asked for.
    pub fn service(&self, name: &str) -> Result<Service, UnknownName> {
        self.services().find(|service| service.name() == name).ok_or_else(|| UnknownName {
            what: "service".into(),
            name: name.into(),
            known: self.services().map(|service| service.name().into()).collect(),
        })
    }

    /// A method by `Service::method`, or by its name alone if there is only one service.
    pub fn method(&self, endpoint: &str) -> Result<Method, UnknownName> {
        if let Some((service, method)) = endpoint.split_once("::") {
            return self.service(service)?.method(method);
        }
        let mut services = self.services();
        if let (Some(only), None) = (services.next(), services.next()) {
            return only.method(endpoint);
        }
        let endpoints = self.services().flat_map(|service| service.methods().collect::<Vec<_>>());
        Err(UnknownName {
            what: "method".into(),
            name: endpoint.into(),
            known: endpoints.map(|method| method.endpoint().to_string()).collect(),
        })
    }
}

impl Service {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.descriptor().name
    }

    /// What the IDL says of it.
    pub fn descriptor(&self) -> &model::Service {
        &self.idl.definitions()[self.id]
    }

    /// Its methods, those that it inherits behind its own. All are called by its own name.
    pub fn methods(&self) -> impl Iterator<Item = Method> {
        let known = self.idl.definitions();
        let owners = known.lineage(self.id);
        let all = owners.flat_map(|owner| (0..known[owner].methods.len()).map(move |at| (owner, at)));
        all.map(|(owner, at)| Method::new(self.idl.clone(), self.id, (owner, at)))
    }

    /// A method, its own or inherited.
    pub fn method(&self, name: &str) -> Result<Method, UnknownName> {
        self.methods().find(|method| method.name() == name).ok_or_else(|| UnknownName {
            what: format!("method of {}", self.name()),
            name: name.into(),
            known: self.methods().map(|method| method.name().into()).collect(),
        })
    }
}
