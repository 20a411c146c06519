//! Which name means what in which file.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Error, Fault, FileId, Loaded, Position, tree};
use crate::model::{ConstantId, EnumId, Item, ServiceId, StructId, TypedefId};

/// What all files define.
#[derive(Default)]
pub(super) struct Names {
    files: Vec<File>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    structs: usize,
    enums: usize,
    typedefs: usize,
    constants: usize,
    services: usize,
}

/// What one file defines. A type, a constant and a service may share a name.
struct File {
    name: Arc<str>,
    includes: HashMap<String, FileId>,
    types: HashMap<String, (TypeName, Position)>,
    constants: HashMap<String, (ConstantId, Position)>,
    services: HashMap<String, (ServiceId, Position)>,
    items: Vec<Item>,
}

/// What the name of a type names.
#[derive(Clone, Copy)]
pub(super) enum TypeName {
    Struct(StructId),
    Enum(EnumId),
    Typedef(TypedefId),
}

impl Names {
    /// Takes up the next file's definitions.
    pub(super) fn declare(&mut self, id: FileId, loaded: &Loaded) -> Result<(), Error> {
        debug_assert_eq!(id.0, self.files.len(), "files come in their order");
        let mut file = File {
            name: Arc::clone(&loaded.name),
            includes: loaded.includes.clone(),
            types: HashMap::new(),
            constants: HashMap::new(),
            services: HashMap::new(),
            items: Vec::new(),
        };
        for definition in &loaded.tree.definitions {
            let item = self.counts.next(&definition.body);
            let taken = file.declare(item, &definition.name);
            if let Err(first) = taken {
                let name = definition.name.text.clone();
                let by = format!(": the first one is in line {}", first.line);
                let what = what(&definition.body);
                return Err(Error::new(&file.name, definition.name.at, Fault::Duplicate { what, name, by }));
            }
            file.items.push(item);
        }
        self.files.push(file);
        Ok(())
    }

    /// The definitions of a file, in its order.
    pub(super) fn items(&self, file: FileId) -> &[Item] {
        &self.files[file.0].items
    }

    /// A fault in a file.
    #[cold]
    pub(super) fn error(&self, file: FileId, at: Position, fault: Fault) -> Error {
        Error::new(&self.files[file.0].name, at, fault)
    }

    /// The type that a name means in a file.
    pub(super) fn ty(&self, file: FileId, name: &tree::Name) -> Result<TypeName, Error> {
        let found = self.look_up(file, &name.text, |file, name| file.types.get(name).map(|found| found.0));
        found.ok_or_else(|| self.unknown(file, name.at, &name.text, "a type"))
    }

    /// The service that a name means in a file.
    pub(super) fn service(&self, file: FileId, name: &tree::Name) -> Result<ServiceId, Error> {
        let found = self.look_up(file, &name.text, |file, name| file.services.get(name).map(|found| found.0));
        found.ok_or_else(|| self.unknown(file, name.at, &name.text, "a service"))
    }

    /// The constant that a name means in a file.
    pub(super) fn constant(&self, file: FileId, name: &str) -> Option<ConstantId> {
        self.look_up(file, name, |file, name| file.constants.get(name).map(|found| found.0))
    }

    /// The enum, and the name of its value, that a name means in a file.
    pub(super) fn member<'a>(&self, file: FileId, name: &'a str) -> Option<(EnumId, &'a str)> {
        let (ty, member) = name.rsplit_once('.')?;
        match self.look_up(file, ty, |file, name| file.types.get(name).map(|found| found.0))? {
            TypeName::Enum(id) => Some((id, member)),
            TypeName::Struct(_) | TypeName::Typedef(_) => None,
        }
    }

    /// Nothing of the kind that is expected has this name.
    #[cold]
    pub(super) fn unknown(&self, file: FileId, at: Position, name: &str, expected: &'static str) -> Error {
        let hint = self.hint(file, name);
        self.error(file, at, Fault::Unknown { expected, name: name.into(), hint })
    }

    fn look_up<T>(&self, file: FileId, name: &str, find: impl Fn(&File, &str) -> Option<T>) -> Option<T> {
        let here = &self.files[file.0];
        let qualified = || {
            // The name of an included file may have points itself.
            name.match_indices('.').find_map(|(point, _)| {
                let included = here.includes.get(&name[..point])?;
                find(&self.files[included.0], &name[point + 1..])
            })
        };
        find(here, name).or_else(qualified)
    }

    /// What a name that means nothing where it stands means elsewhere.
    fn hint(&self, file: FileId, name: &str) -> String {
        let here = &self.files[file.0];
        let names = |file: &File, name: &str| {
            if file.types.contains_key(name) {
                Some("type")
            } else if file.constants.contains_key(name) {
                Some("constant")
            } else {
                file.services.contains_key(name).then_some("service")
            }
        };
        if let Some(what) = self.look_up(file, name, names) {
            return format!(": it is a {what}");
        }
        if let Some((prefix, _)) = name.split_once('.') {
            let is_known = here.includes.contains_key(prefix) || here.types.contains_key(prefix);
            let hint = format!(": `{prefix}` is neither an included file nor a type");
            return if is_known { String::new() } else { hint };
        }
        let mut included: Vec<&String> = here.includes.keys().collect();
        included.sort();
        let included = included
            .into_iter()
            .find(|included| names(&self.files[here.includes[*included].0], name).is_some());
        included.map_or(String::new(), |included| format!("; did you mean `{included}.{name}`?"))
    }
}

impl Counts {
    /// The id of the next definition.
    fn next(&mut self, body: &tree::Body) -> Item {
        let (count, item): (_, fn(usize) -> Item) = match body {
            tree::Body::Struct(..) => (&mut self.structs, |at| Item::Struct(StructId(at))),
            tree::Body::Enum(_) => (&mut self.enums, |at| Item::Enum(EnumId(at))),
            tree::Body::Typedef(_) => (&mut self.typedefs, |at| Item::Typedef(TypedefId(at))),
            tree::Body::Constant { .. } => (&mut self.constants, |at| Item::Constant(ConstantId(at))),
            tree::Body::Service { .. } => (&mut self.services, |at| Item::Service(ServiceId(at))),
        };
        *count += 1;
        item(*count - 1)
    }
}

impl File {
    /// Takes a name up; gives the place of the definition that has it already.
    fn declare(&mut self, item: Item, name: &tree::Name) -> Result<(), Position> {
        let key = name.text.clone();
        let taken = match item {
            Item::Struct(id) => self.types.insert(key, (TypeName::Struct(id), name.at)).map(|old| old.1),
            Item::Enum(id) => self.types.insert(key, (TypeName::Enum(id), name.at)).map(|old| old.1),
            Item::Typedef(id) => self.types.insert(key, (TypeName::Typedef(id), name.at)).map(|old| old.1),
            Item::Constant(id) => self.constants.insert(key, (id, name.at)).map(|old| old.1),
            Item::Service(id) => self.services.insert(key, (id, name.at)).map(|old| old.1),
        };
        taken.map_or(Ok(()), Err)
    }
}

fn what(body: &tree::Body) -> &'static str {
    match body {
        tree::Body::Struct(..) | tree::Body::Enum(_) | tree::Body::Typedef(_) => "name for the type",
        tree::Body::Constant { .. } => "name for the constant",
        tree::Body::Service { .. } => "name for the service",
    }
}
