//! Another parser, as the judge of ours: where it reads a file, it has to find the same definitions.

use pilota_thrift_parser as pilota;
use tchannel_idl::Idl;
use tchannel_idl::model::{Definitions, Field, Item, Type};

use super::files::sound;

/// What both parsers say of a definition: a line for each name, in the order of the file.
type Outline = Vec<String>;

#[test]
fn another_parser_finds_the_same_definitions() {
    let mut compared = 0;
    for file in sound() {
        let idl = Idl::load(&file).expect("it is sound");
        let (_, text) = idl.files().next().expect("the file itself");
        // It knows no aliases of includes, no enums of strings, and not every word as a name.
        let Ok(theirs) = pilota::FileParser::new(pilota::FileSource::new(text)).parse() else { continue };
        assert_eq!(ours(idl.definitions()), self::theirs(&theirs), "{}", file.display());
        compared += 1;
    }
    assert!(compared > 40, "only {compared} files could be compared");
}

fn ours(known: &Definitions) -> Outline {
    let field = |field: &Field| format!("  {} {} {}", field.id, typed(known, &field.ty), field.name);
    let mut lines = Vec::new();
    for item in &known.files[0].items {
        match *item {
            Item::Struct(id) => {
                lines.push(format!("struct {}", known[id].name));
                lines.extend(known[id].fields.iter().map(field));
            }
            Item::Enum(id) => {
                lines.push(format!("enum {}", known[id].name));
                lines.extend(
                    known[id].members.iter().map(|member| format!("  {} {}", member.name, member.number)),
                );
            }
            Item::Typedef(id) => {
                lines.push(format!("typedef {} {}", typed(known, &known[id].ty), known[id].name));
            }
            Item::Constant(id) => {
                lines.push(format!("const {} {}", typed(known, &known[id].ty), known[id].name));
            }
            Item::Service(id) => {
                lines.push(format!("service {}", known[id].name));
                for method in &known[id].methods {
                    let returns = method.returns.as_ref().map_or("void".into(), |ty| typed(known, ty));
                    lines.push(format!("  oneway={} {returns} {}", method.oneway, method.name));
                    lines.extend(method.arguments.iter().chain(method.throws.iter()).map(field));
                }
            }
        }
    }
    lines
}

fn typed(known: &Definitions, ty: &Type) -> String {
    match ty {
        Type::Bool => "bool".into(),
        Type::I8 => "i8".into(),
        Type::I16 => "i16".into(),
        Type::I32 => "i32".into(),
        Type::I64 => "i64".into(),
        Type::Double => "double".into(),
        Type::String => "string".into(),
        Type::Binary => "binary".into(),
        Type::List(item) => format!("list<{}>", typed(known, item)),
        Type::Set(item) => format!("set<{}>", typed(known, item)),
        Type::Map(types) => format!("map<{},{}>", typed(known, &types.0), typed(known, &types.1)),
        Type::Struct(id) => known[*id].name.to_string(),
        Type::Enum(id) => known[*id].name.to_string(),
        Type::Typedef(id) => known[*id].name.to_string(),
    }
}

fn theirs(file: &pilota::File) -> Outline {
    let mut lines = Vec::new();
    for item in &file.items {
        match item {
            pilota::Item::Include(_) | pilota::Item::CppInclude(_) | pilota::Item::Namespace(_) => {}
            pilota::Item::Typedef(one) => {
                lines.push(format!("typedef {} {}", their_type(&one.r#type), one.alias.0));
            }
            pilota::Item::Constant(one) => {
                lines.push(format!("const {} {}", their_type(&one.r#type), one.name.0));
            }
            pilota::Item::Enum(one) => {
                lines.push(format!("enum {}", one.name.0));
                let mut next = 0;
                for member in &one.values {
                    let number = member.value.map_or(next, |number| number.0);
                    lines.push(format!("  {} {number}", member.name.0));
                    next = number + 1;
                }
            }
            pilota::Item::Struct(one) => lines.extend(their_struct(one)),
            pilota::Item::Union(one) => lines.extend(their_struct(one)),
            pilota::Item::Exception(one) => lines.extend(their_struct(one)),
            pilota::Item::Service(one) => {
                lines.push(format!("service {}", one.name.0));
                for method in &one.functions {
                    let returns = their_type(&method.result_type);
                    lines.push(format!("  oneway={} {returns} {}", method.oneway, method.name.0));
                    lines.extend(method.arguments.iter().chain(&method.throws).map(their_field));
                }
            }
        }
    }
    lines
}

fn their_struct(one: &pilota::StructLike) -> Outline {
    let fields = one.fields.iter().map(their_field);
    std::iter::once(format!("struct {}", one.name.0)).chain(fields).collect()
}

fn their_field(field: &pilota::Field) -> String {
    format!("  {} {} {}", field.id, their_type(&field.ty), field.name.0)
}

fn their_type(ty: &pilota::Type) -> String {
    match &ty.0 {
        pilota::Ty::String => "string".into(),
        pilota::Ty::Void => "void".into(),
        pilota::Ty::Byte | pilota::Ty::I8 => "i8".into(),
        pilota::Ty::Bool => "bool".into(),
        pilota::Ty::Binary => "binary".into(),
        pilota::Ty::I16 => "i16".into(),
        pilota::Ty::I32 => "i32".into(),
        pilota::Ty::I64 => "i64".into(),
        pilota::Ty::Double => "double".into(),
        pilota::Ty::Uuid => "uuid".into(),
        pilota::Ty::List { value, .. } => format!("list<{}>", their_type(value)),
        pilota::Ty::Set { value, .. } => format!("set<{}>", their_type(value)),
        pilota::Ty::Map { key, value, .. } => format!("map<{},{}>", their_type(key), their_type(value)),
        pilota::Ty::Path(path) => path.segments.last().map_or(String::new(), |name| name.0.to_string()),
    }
}
