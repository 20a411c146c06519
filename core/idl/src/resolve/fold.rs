//! What constants and defaults are, for the types that they have.

mod literal;
mod mismatch;
mod reference;

use super::names::Names;
use super::{Body, Definitions, Error, Fault, FileId, Loaded, Position, tree, types};
use crate::model::{Constant, ConstantId, Field, ServiceId, StructId, Type, Value};
use crate::syntax::MAX_NESTING;

/// Most values that all constants and defaults together may consist of.
const MAX_VALUES: usize = 1 << 20;

/// Works out all constants, and the defaults of all fields and arguments.
pub(super) fn define(loaded: &[Loaded], names: &Names, known: &mut Definitions) -> Result<(), Error> {
    let mut fold = Fold::new(loaded, names, known)?;
    let constants = fold.all_constants()?;
    let defaults = fold.all_defaults()?;
    let arguments = fold.all_arguments(loaded)?;
    known.constants = constants;
    for (StructId(at), defaults) in defaults {
        known.structs[at].fields.set_defaults(defaults);
    }
    for (ServiceId(at), method, defaults) in arguments {
        known.services[at].methods[method].arguments.set_defaults(defaults);
    }
    Ok(())
}

/// Works values out, one inside the other.
struct Fold<'a> {
    names: &'a Names,
    known: &'a Definitions,
    constants: Vec<WrittenConstant<'a>>,
    /// The fields of each struct as they are written.
    structs: Vec<(FileId, &'a [tree::Field])>,
    /// What is being worked out, outermost first.
    open: Vec<Open>,
    depth: usize,
    left: usize,
}

#[derive(Clone)]
struct WrittenConstant<'a> {
    file: FileId,
    ty: Type,
    definition: &'a tree::Definition,
    value: &'a tree::Value,
}

/// Defaults by the places of their fields.
type Defaults = Vec<(usize, Value)>;

/// Something with a name that a value may lead back to.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    Constant(ConstantId),
    Default(StructId, usize),
}

impl<'a> Fold<'a> {
    fn new(loaded: &'a [Loaded], names: &'a Names, known: &'a Definitions) -> Result<Self, Error> {
        let (mut constants, mut structs) = (Vec::new(), Vec::new());
        for (at, file) in loaded.iter().enumerate() {
            let id = FileId(at);
            for definition in &file.tree.definitions {
                match &definition.body {
                    Body::Constant { ty, value } => {
                        let ty = types::ty(ty, id, names)?;
                        constants.push(WrittenConstant { file: id, ty, definition, value });
                    }
                    Body::Struct(_, fields) => structs.push((id, fields.as_slice())),
                    Body::Typedef(_) | Body::Enum(_) | Body::Service { .. } => {}
                }
            }
        }
        Ok(Self { names, known, constants, structs, open: Vec::new(), depth: 0, left: MAX_VALUES })
    }

    fn all_constants(&mut self) -> Result<Vec<Constant>, Error> {
        let mut constants = Vec::with_capacity(self.constants.len());
        for at in 0..self.constants.len() {
            let WrittenConstant { file, ty, definition, .. } = self.constants[at].clone();
            constants.push(Constant {
                file,
                name: definition.name.text.as_str().into(),
                doc: definition.doc.clone(),
                value: self.constant(ConstantId(at), &ty)?,
                ty,
            });
        }
        Ok(constants)
    }

    fn all_defaults(&mut self) -> Result<Vec<(StructId, Defaults)>, Error> {
        let mut all = Vec::new();
        for id in (0..self.structs.len()).map(StructId) {
            let mut defaults = Vec::new();
            for field in 0..self.known[id].fields.len() {
                defaults.extend(self.default(id, field)?.map(|value| (field, value)));
            }
            all.push((id, defaults));
        }
        Ok(all)
    }

    fn all_arguments(&mut self, loaded: &[Loaded]) -> Result<Vec<(ServiceId, usize, Defaults)>, Error> {
        let mut all = Vec::new();
        let written = loaded.iter().flat_map(|file| &file.tree.definitions);
        let written = written.filter_map(|definition| match &definition.body {
            Body::Service { methods, .. } => Some(methods),
            Body::Constant { .. } | Body::Typedef(_) | Body::Enum(_) | Body::Struct(..) => None,
        });
        let known = self.known;
        for (at, (service, written)) in known.services.iter().zip(written).enumerate() {
            for (method, (resolved, written)) in service.methods.iter().zip(written).enumerate() {
                let arguments = resolved.arguments.iter().zip(&written.arguments).enumerate();
                let mut defaults = Vec::new();
                for (argument, (resolved, written)) in arguments {
                    let Some(default) = &written.default else { continue };
                    defaults.push((argument, self.value(&resolved.ty, service.file, default)?));
                }
                all.push((ServiceId(at), method, defaults));
            }
        }
        Ok(all)
    }

    /// A constant as a value of `expected`, which need not be its own type.
    fn constant(&mut self, id: ConstantId, expected: &Type) -> Result<Value, Error> {
        let WrittenConstant { file, value, definition, .. } = self.constants[id.0];
        let name = &definition.name;
        self.opened(Open::Constant(id), (file, name.at), ("a constant", &name.text), |fold| {
            fold.value(expected, file, value)
        })
    }

    /// The default of a field.
    fn default(&mut self, id: StructId, field: usize) -> Result<Option<Value>, Error> {
        let (file, written) = self.structs[id.0];
        let Some(default) = &written[field].default else { return Ok(None) };
        let known = self.known;
        let Field { ty, name, .. } = &known[id].fields[field];
        let name = format!("{}.{name}", known[id].name);
        self.opened(Open::Default(id, field), (file, default.at), ("a default", &name), |fold| {
            fold.value(ty, file, default).map(Some)
        })
    }

    fn opened<T>(
        &mut self,
        open: Open,
        (file, at): (FileId, Position),
        (what, name): (&'static str, &str),
        body: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.open.contains(&open) {
            return Err(self.names.error(file, at, Fault::Circular { what, name: name.to_owned() }));
        }
        self.open.push(open);
        let folded = body(self);
        self.open.pop();
        folded
    }

    /// What is written, as a value of a type.
    fn value(&mut self, expected: &Type, file: FileId, written: &tree::Value) -> Result<Value, Error> {
        let limit = |what, limit| Err(self.names.error(file, written.at, Fault::Limit { what, limit }));
        if self.depth == MAX_NESTING {
            return limit("levels of nesting", MAX_NESTING);
        }
        if self.left == 0 {
            return limit("values in all constants and defaults", MAX_VALUES);
        }
        self.depth += 1;
        self.left -= 1;
        let value = if let tree::ValueKind::Reference(name) = &written.kind {
            self.reference(expected, file, written.at, name)
        } else {
            self.literal(expected, file, written.at, &written.kind)
        };
        self.depth -= 1;
        value
    }
}
