//! From bytes to JSON.

use serde_json::{Map as Object, Number, Value as Json};
use tchannel_schemes::thrift::{self, DecodeError, Problem, Reader, Type as Kind};

use super::constant::weight;
use super::encode::step;
use super::{Codec, binary};
use crate::model::{EnumId, Fields, Presence, StructId, StructKind, Type};

impl Codec<'_> {
    /// Reads the arguments of a method.
    pub(super) fn read_arguments(
        self,
        declared: &Fields,
        from: &mut Reader<'_>,
    ) -> Result<Json, DecodeError> {
        self.read_fields(declared, from, true)
    }

    /// Reads the value of a field.
    pub(super) fn read_field(
        self,
        ty: &Type,
        from: &mut Reader<'_>,
        field: thrift::Field,
        name: &str,
    ) -> Result<Json, DecodeError> {
        let read = |from: &mut Reader<'_>| {
            expect(from, self.kind(ty), field.kind)?;
            self.read(ty, from)
        };
        read(from).map_err(|error| error.within(step(field.id, name)))
    }

    fn read(self, ty: &Type, from: &mut Reader<'_>) -> Result<Json, DecodeError> {
        Ok(match self.known.resolved(ty) {
            Type::Bool => from.bool()?.into(),
            Type::I8 => from.i8()?.into(),
            Type::I16 => from.i16()?.into(),
            Type::I32 => from.i32()?.into(),
            Type::I64 => from.i64()?.into(),
            Type::Double => double(from.double()?),
            Type::String => from.text()?.into(),
            Type::Binary => binary::to_json(&from.binary()?),
            Type::Enum(id) => self.enum_to_json(*id, from.i32()?),
            Type::List(item) | Type::Set(item) => self.read_items(item, from)?,
            Type::Map(types) => self.read_pairs(&types.0, &types.1, from)?,
            Type::Struct(id) => self.read_struct(*id, from)?,
            // `resolved` gives none.
            Type::Typedef(id) => self.read(&self.known[*id].ty, from)?,
        })
    }

    fn read_items(self, item: &Type, from: &mut Reader<'_>) -> Result<Json, DecodeError> {
        let head = from.list()?;
        if head.len > 0 {
            expect(from, self.kind(item), head.item)?;
        }
        from.claim::<Json>(head.len)?;
        let mut items = Vec::new();
        from.each_item(head, |from| {
            items.push(self.read(item, from)?);
            Ok(())
        })?;
        Ok(Json::Array(items))
    }

    fn read_pairs(self, key: &Type, value: &Type, from: &mut Reader<'_>) -> Result<Json, DecodeError> {
        let head = from.map()?;
        if head.len > 0 {
            expect(from, self.kind(key), head.key)?;
            expect(from, self.kind(value), head.value)?;
        }
        from.claim::<(Json, Json)>(head.len)?;
        let mut pairs = Vec::new();
        from.each_pair(
            head,
            |from| self.read(key, from),
            |from, key| {
                pairs.push((key, self.read(value, from)?));
                Ok(())
            },
        )?;
        Ok(self.map_to_json(key, pairs))
    }

    fn read_struct(self, id: StructId, from: &mut Reader<'_>) -> Result<Json, DecodeError> {
        let one = &self.known[id];
        if one.kind != StructKind::Union {
            return self.read_fields(&one.fields, from, true);
        }
        let start = from.at();
        let read = self.read_fields(&one.fields, from, false)?;
        let len = read.as_object().map_or(0, Object::len);
        if len == 1 {
            return Ok(read);
        }
        let words = format!("has {len} known fields, a union has exactly one");
        Err(DecodeError::new(start, Problem::Invalid(words.into())))
    }

    /// Reads a struct's fields. Without `whole`, none has to be there or is filled in.
    fn read_fields(self, declared: &Fields, from: &mut Reader<'_>, whole: bool) -> Result<Json, DecodeError> {
        let mut found = Vec::new();
        from.fields(|from, field| {
            let Some(at) = declared.with_id(field.id) else { return from.skip_field(field) };
            let one = &declared[at];
            from.claim::<(String, Json)>(1)?;
            found.push((at, self.read_field(&one.ty, from, field, &one.name)?));
            Ok(())
        })?;
        found.sort_by_key(|(at, _)| *at);
        if whole {
            self.fill_in(declared, from, &mut found)?;
        }
        let named = found.into_iter().map(|(at, value)| (declared[at].name.to_string(), value));
        Ok(Json::Object(named.collect()))
    }

    /// Adds the defaults of fields that were not found; refuses that a required one was not.
    fn fill_in(
        self,
        declared: &Fields,
        from: &mut Reader<'_>,
        found: &mut Vec<(usize, Json)>,
    ) -> Result<(), DecodeError> {
        for (at, field) in declared.missed() {
            let Err(place) = found.binary_search_by_key(&at, |(at, _)| *at) else { continue };
            match &field.default {
                Some(default) if field.presence() == Presence::Defaulted => {
                    from.claim::<Json>(weight(default))?;
                    found.insert(place, (at, self.constant(&field.ty, default)));
                }
                Some(_) | None if self.strict => {
                    let error = DecodeError::new(from.at(), Problem::Missing);
                    return Err(error.within(step(field.id, &field.name)));
                }
                Some(_) | None => {}
            }
        }
        Ok(())
    }

    /// A value of an enum: its name, or its number if it has none.
    pub(super) fn enum_to_json(self, id: EnumId, number: i32) -> Json {
        self.known[id].name_of(number).map_or_else(|| number.into(), Json::from)
    }
}

fn expect(from: &Reader<'_>, expected: Kind, got: Kind) -> Result<(), DecodeError> {
    if expected == got {
        return Ok(());
    }
    Err(DecodeError::new(from.at(), Problem::WrongType { expected, got }))
}

/// JSON has no numbers for those that are not finite.
fn double(value: f64) -> Json {
    match Number::from_f64(value) {
        Some(number) => Json::Number(number),
        None if value.is_nan() => "NaN".into(),
        None if value > 0.0 => "Infinity".into(),
        None => "-Infinity".into(),
    }
}
