//! Services and their methods.

use std::collections::HashMap;

use super::names::Names;
use super::types::{self, duplicate};
use super::{Body, Definitions, Error, Fault, FileId, Loaded, Position, tree};
use crate::model::{Method, Requiredness, Service, ServiceId};

/// Most services that a service may extend, one through another.
const MAX_LINEAGE: usize = 64;

/// Defines all services, without the defaults of arguments.
pub(super) fn define(loaded: &[Loaded], names: &Names, known: &mut Definitions) -> Result<(), Error> {
    let mut places = Vec::new();
    for (at, file) in loaded.iter().enumerate() {
        let id = FileId(at);
        for definition in &file.tree.definitions {
            let Body::Service { extends, methods } = &definition.body else { continue };
            let parent = extends.as_ref().map(|name| names.service(id, name)).transpose()?;
            let resolved = methods.iter().map(|declared| method(declared, id, names));
            known.services.push(Service {
                file: id,
                name: definition.name.text.as_str().into(),
                doc: definition.doc.clone(),
                extends: parent,
                methods: resolved.collect::<Result<_, _>>()?,
            });
            let at = extends.as_ref().map_or(definition.name.at, |extends| extends.at);
            places.push(Place::new(id, at, methods));
        }
    }
    (0..places.len()).try_for_each(|at| check(ServiceId(at), &places, names, known))
}

/// Where a service is declared.
struct Place<'a> {
    file: FileId,
    at: Position,
    declared: &'a [tree::Method],
    /// Where each method is declared first.
    methods: HashMap<&'a str, Position>,
}

impl<'a> Place<'a> {
    fn new(file: FileId, at: Position, declared: &'a [tree::Method]) -> Self {
        let mut methods = HashMap::new();
        for method in declared {
            methods.entry(method.name.text.as_str()).or_insert(method.name.at);
        }
        Self { file, at, declared, methods }
    }

    fn names(&self) -> impl Iterator<Item = &'a tree::Name> {
        self.declared.iter().map(|method| &method.name)
    }
}

fn method(declared: &tree::Method, file: FileId, names: &Names) -> Result<Method, Error> {
    for exception in &declared.throws {
        // Field 0 of an answer is what the method returns; a reader skips the ones below it.
        let (id, at) = exception.id.unwrap_or((-1, exception.name.at));
        if id < 1 {
            let found = if exception.id.is_some() { format!("`{id}`") } else { "none".into() };
            return Err(names.error(
                file,
                at,
                Fault::expected("an id of 1 or more for the exception", found),
            ));
        }
    }
    Ok(Method {
        name: declared.name.text.as_str().into(),
        doc: declared.doc.clone(),
        oneway: declared.oneway,
        returns: declared.returns.as_ref().map(|ty| types::ty(ty, file, names)).transpose()?,
        arguments: types::fields(&declared.arguments, Requiredness::Required, file, names)?,
        throws: types::fields(&declared.throws, Requiredness::Unsaid, file, names)?,
    })
}

/// Refuses a service that extends itself, and methods that the service has already.
fn check(id: ServiceId, places: &[Place<'_>], names: &Names, known: &Definitions) -> Result<(), Error> {
    let place = &places[id.0];
    let fail = |at, fault| Err(names.error(place.file, at, fault));
    for (depth, ancestor) in known.lineage(id).enumerate().skip(1) {
        if ancestor == id {
            let name = known[id].name.to_string();
            return fail(place.at, Fault::Circular { what: "a service", name });
        }
        if depth > MAX_LINEAGE {
            return fail(
                place.at,
                Fault::Limit { what: "services that extend each other", limit: MAX_LINEAGE },
            );
        }
    }
    for tree::Name { text, at } in place.names() {
        let owners = known.lineage(id).map(|owner| (owner, places[owner.0].methods.get(text.as_str())));
        for (owner, first) in owners {
            match first {
                Some(_) if owner != id => {
                    let by = format!(": it is inherited from {}", known[owner].name);
                    return fail(*at, Fault::Duplicate { what: METHOD, name: text.clone(), by });
                }
                Some(first) if first != at => return fail(*at, duplicate(METHOD, text, *first)),
                Some(_) | None => {}
            }
        }
    }
    Ok(())
}

const METHOD: &str = "name for the method";
