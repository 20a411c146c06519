//! JSON-shaped values of any type.

use serde_json::{Map, Value as Json, json};
use tchannel_idl::dynamic::Thrown;
use tchannel_idl::model::{Definitions, Field, Method, Presence, StructKind, Type};

/// How deep a value is before what may be left out is.
const DEPTH: usize = 4;

/// How deep a value is before there is none: its type asks for itself.
const ENDLESS: usize = 20;

/// Arguments of a method, all that there can be.
pub(crate) fn arguments(known: &Definitions, declared: &[Field]) -> Option<Json> {
    fields(known, declared, 0)
}

/// What a method may answer.
pub(crate) fn results(known: &Definitions, method: &Method) -> Vec<Result<Json, Thrown>> {
    let value = method.returns.as_ref().map_or(Some(Json::Null), |ty| value(known, ty, 0));
    let thrown = method.throws.iter().filter_map(|thrown| {
        Some(Thrown {
            name: thrown.name.to_string(),
            ty: String::new(),
            value: self::value(known, &thrown.ty, 0)?,
        })
    });
    value.into_iter().map(Ok).chain(thrown.map(Err)).collect()
}

/// A value of a type; nothing if there is no end to it.
pub(crate) fn value(known: &Definitions, ty: &Type, depth: usize) -> Option<Json> {
    if depth > ENDLESS {
        return None;
    }
    Some(match known.resolved(ty) {
        Type::Bool => json!(true),
        Type::I8 => json!(-8),
        Type::I16 => json!(1600),
        Type::I32 => json!(-320_000),
        Type::I64 => json!(6_400_000_000_i64),
        Type::Double => json!(-0.5),
        Type::String => json!("text \u{91cd}"),
        Type::Binary => json!([0, 255, 7]),
        Type::Enum(id) => known[*id].members.last().map_or(json!(99), |member| json!(*member.name)),
        Type::List(_) | Type::Set(_) | Type::Map(_) if depth > DEPTH => json!([]),
        Type::List(item) | Type::Set(item) => {
            value(known, item, depth + 1).map_or(json!([]), |item| json!([item, item]))
        }
        Type::Map(types) => match (value(known, &types.0, depth + 1), value(known, &types.1, depth + 1)) {
            (Some(key), Some(value)) => json!([[key, value]]),
            (_, _) => json!([]),
        },
        Type::Struct(id) if known[*id].kind == StructKind::Union => {
            let mut fields = known[*id].fields.iter();
            let (name, value) =
                fields.find_map(|field| Some((&field.name, value(known, &field.ty, depth + 1)?)))?;
            json!({ (**name): value })
        }
        Type::Struct(id) => fields(known, &known[*id].fields, depth + 1)?,
        Type::Typedef(_) => return None,
    })
}

fn fields(known: &Definitions, declared: &[Field], depth: usize) -> Option<Json> {
    let mut object = Map::new();
    for field in declared {
        let is_required = field.presence() == Presence::Required;
        if !is_required && depth > DEPTH {
            continue;
        }
        match value(known, &field.ty, depth) {
            Some(value) => drop(object.insert(field.name.to_string(), value)),
            None if is_required => return None,
            None => {}
        }
    }
    Some(Json::Object(object))
}
