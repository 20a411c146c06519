//! Structs, enums and typedefs.

use std::collections::HashMap;
use std::sync::Arc;

use super::names::{Names, TypeName};
use super::{Body, Definitions, Error, Fault, FileId, Loaded, Position, tree};
use crate::model::{Enum, Field, Fields, Member, Requiredness, Struct, StructKind, Type, Typedef, TypedefId};
use crate::syntax::MAX_NESTING;

/// Most types that one type may be written with, its typedefs replaced by what they stand for.
const MAX_PARTS: usize = 10_000;

/// Defines all types, without the defaults of fields.
pub(super) fn define(loaded: &[Loaded], names: &Names, known: &mut Definitions) -> Result<(), Error> {
    let mut places = Vec::new();
    for (at, file) in loaded.iter().enumerate() {
        let id = FileId(at);
        known.files[at].items = names.items(id).to_vec();
        for definition in &file.tree.definitions {
            let name: Arc<str> = definition.name.text.as_str().into();
            let doc = definition.doc.clone();
            match &definition.body {
                Body::Struct(kind, declared) => {
                    let kind = match kind {
                        tree::Kind::Struct => StructKind::Struct,
                        tree::Kind::Union => StructKind::Union,
                        tree::Kind::Exception => StructKind::Exception,
                    };
                    let fields = fields(declared, Requiredness::Unsaid, id, names)?;
                    known.structs.push(Struct { file: id, name, doc, kind, fields, is_ordered: true });
                }
                Body::Enum(declared) => {
                    let members = members(declared, id, names)?;
                    known.enums.push(Enum { file: id, name, doc, members });
                }
                Body::Typedef(declared) => {
                    let ty = ty(declared, id, names)?;
                    known.typedefs.push(Typedef { file: id, name, doc, ty });
                    places.push((id, definition.name.at));
                }
                Body::Constant { .. } | Body::Service { .. } => {}
            }
        }
    }
    Typedefs { known, names, places: &places, sizes: HashMap::new() }.check()
}

/// Resolves the names in a type.
pub(super) fn ty(declared: &tree::Type, file: FileId, names: &Names) -> Result<Type, Error> {
    Ok(match declared {
        tree::Type::Bool => Type::Bool,
        tree::Type::I8 => Type::I8,
        tree::Type::I16 => Type::I16,
        tree::Type::I32 => Type::I32,
        tree::Type::I64 => Type::I64,
        tree::Type::Double => Type::Double,
        tree::Type::String => Type::String,
        tree::Type::Binary => Type::Binary,
        tree::Type::List(item) => Type::List(Box::new(ty(item, file, names)?)),
        tree::Type::Set(item) => Type::Set(Box::new(ty(item, file, names)?)),
        tree::Type::Map(pair) => Type::Map(Box::new((ty(&pair.0, file, names)?, ty(&pair.1, file, names)?))),
        tree::Type::Named(name) => match names.ty(file, name)? {
            TypeName::Struct(id) => Type::Struct(id),
            TypeName::Enum(id) => Type::Enum(id),
            TypeName::Typedef(id) => Type::Typedef(id),
        },
    })
}

/// Resolves fields, without their defaults.
///
/// `unsaid` is what a field is of which nothing is said and that has no default.
pub(super) fn fields(
    declared: &[tree::Field],
    unsaid: Requiredness,
    file: FileId,
    names: &Names,
) -> Result<Fields, Error> {
    let mut fields = Vec::with_capacity(declared.len());
    let (mut ids, mut taken) = (HashMap::new(), HashMap::new());
    let mut implicit = 0_i64;
    for field in declared {
        let fail = |at, fault| names.error(file, at, fault);
        let (id, at) = field.id.unwrap_or_else(|| {
            implicit -= 1;
            (implicit, field.name.at)
        });
        let id = i16::try_from(id)
            .map_err(|_| fail(at, Fault::expected("an id from -32768 to 32767", format!("`{id}`"))))?;
        if let Some(first) = ids.insert(id, at) {
            return Err(fail(at, duplicate("id for the field", &id.to_string(), first)));
        }
        if let Some(first) = taken.insert(field.name.text.as_str(), field.name.at) {
            return Err(fail(field.name.at, duplicate("name for the field", &field.name.text, first)));
        }
        fields.push(Field {
            id,
            name: field.name.text.as_str().into(),
            doc: field.doc.clone(),
            requiredness: match field.required {
                Some(true) => Requiredness::Required,
                Some(false) => Requiredness::Optional,
                None if field.default.is_none() => unsaid,
                None => Requiredness::Unsaid,
            },
            ty: ty(&field.ty, file, names)?,
            default: None,
        });
    }
    Ok(Fields::new(fields))
}

fn members(declared: &[tree::Member], file: FileId, names: &Names) -> Result<Vec<Member>, Error> {
    let mut members = Vec::with_capacity(declared.len());
    let mut taken = HashMap::new();
    let mut next = 0;
    for member in declared {
        let (number, at) = member.number.unwrap_or((next, member.name.at));
        let number = i32::try_from(number).map_err(|_| {
            let fault = Fault::expected("a number from -2^31 to 2^31 - 1", format!("`{number}`"));
            names.error(file, at, fault)
        })?;
        if let Some(first) = taken.insert(member.name.text.as_str(), member.name.at) {
            let fault = duplicate("name for the value", &member.name.text, first);
            return Err(names.error(file, member.name.at, fault));
        }
        next = i64::from(number) + 1;
        members.push(Member { name: member.name.text.as_str().into(), doc: member.doc.clone(), number });
    }
    Ok(members)
}

pub(super) fn duplicate(what: &'static str, name: &str, first: Position) -> Fault {
    let by = format!(": the first one is in line {}", first.line);
    Fault::Duplicate { what, name: name.into(), by }
}

/// Refuses typedefs that stand for themselves, or for more than anybody could want.
struct Typedefs<'a> {
    known: &'a Definitions,
    names: &'a Names,
    places: &'a [(FileId, Position)],
    /// Of those that were looked at; nothing while that goes on.
    sizes: HashMap<usize, Option<Size>>,
}

/// How large a type is with its typedefs replaced by what they stand for.
#[derive(Clone, Copy)]
struct Size {
    depth: usize,
    parts: usize,
}

impl Typedefs<'_> {
    fn check(mut self) -> Result<(), Error> {
        for at in 0..self.known.typedefs.len() {
            self.typedef(TypedefId(at), 0)?;
        }
        Ok(())
    }

    fn typedef(&mut self, id: TypedefId, depth: usize) -> Result<Size, Error> {
        let (file, at) = self.places[id.0];
        let fail = |fault| Err(self.names.error(file, at, fault));
        let name = &self.known[id].name;
        match self.sizes.get(&id.0) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => {
                return fail(Fault::Circular { what: "a type", name: name.to_string() });
            }
            None => {}
        }
        if depth == MAX_NESTING {
            return fail(Fault::Limit { what: "levels of nesting", limit: MAX_NESTING });
        }
        self.sizes.insert(id.0, None);
        let known = self.known;
        let size = self.size(&known[id].ty, depth + 1)?;
        let fail = |fault| Err(self.names.error(file, at, fault));
        if size.depth > MAX_NESTING {
            return fail(Fault::Limit { what: "levels of nesting", limit: MAX_NESTING });
        }
        if size.parts > MAX_PARTS {
            return fail(Fault::Limit { what: "types within one type", limit: MAX_PARTS });
        }
        self.sizes.insert(id.0, Some(size));
        Ok(size)
    }

    fn size(&mut self, ty: &Type, depth: usize) -> Result<Size, Error> {
        let (depth, parts) = match ty {
            Type::List(item) | Type::Set(item) => {
                let item = self.size(item, depth)?;
                (item.depth + 1, item.parts)
            }
            Type::Map(pair) => {
                let (key, value) = (self.size(&pair.0, depth)?, self.size(&pair.1, depth)?);
                (key.depth.max(value.depth) + 1, key.parts.saturating_add(value.parts))
            }
            Type::Typedef(id) => return self.typedef(*id, depth),
            Type::Bool
            | Type::I8
            | Type::I16
            | Type::I32
            | Type::I64
            | Type::Double
            | Type::String
            | Type::Binary
            | Type::Struct(_)
            | Type::Enum(_) => (0, 0),
        };
        Ok(Size { depth, parts: parts.saturating_add(1) })
    }
}
