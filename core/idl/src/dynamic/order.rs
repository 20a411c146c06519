//! The order of sets and of the keys of maps, the same as that of generated types.

use std::cmp::Ordering;

use tchannel_schemes::thrift::{Fields, Value};

use super::Codec;
use crate::model::{EnumId, StructId, StructKind, Type};

impl Codec<'_> {
    /// Puts the items of a set in order, each once.
    pub(super) fn sort_items(self, ty: &Type, items: &mut Vec<Value>) {
        if self.known.is_ordered(ty) {
            items.sort_by(|a, b| self.compare(ty, a, b));
            items.dedup();
        }
    }

    /// Puts the pairs of a map in the order of their keys. Of two with the same key, the last one counts.
    pub(super) fn sort_pairs(self, ty: &Type, pairs: &mut Vec<(Value, Value)>) {
        if self.known.is_ordered(ty) {
            pairs.sort_by(|a, b| self.compare(ty, &a.0, &b.0));
            pairs.dedup_by(|later, earlier| {
                let is_same = later.0 == earlier.0;
                if is_same {
                    std::mem::swap(later, earlier);
                }
                is_same
            });
        }
    }

    fn compare(self, ty: &Type, a: &Value, b: &Value) -> Ordering {
        match (self.known.resolved(ty), a, b) {
            (Type::Enum(id), Value::I32(a), Value::I32(b)) => self.rank(*id, *a).cmp(&self.rank(*id, *b)),
            (_, Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (_, Value::I8(a), Value::I8(b)) => a.cmp(b),
            (_, Value::I16(a), Value::I16(b)) => a.cmp(b),
            (_, Value::I32(a), Value::I32(b)) => a.cmp(b),
            (_, Value::I64(a), Value::I64(b)) => a.cmp(b),
            (_, Value::Binary(a), Value::Binary(b)) => a.cmp(b),
            (Type::List(item), Value::List(a), Value::List(b))
            | (Type::Set(item), Value::Set(a), Value::Set(b)) => {
                lexical(&a.items, &b.items, |a, b| self.compare(item, a, b))
            }
            (Type::Map(types), Value::Map(a), Value::Map(b)) => lexical(&a.pairs, &b.pairs, |a, b| {
                self.compare(&types.0, &a.0, &b.0).then_with(|| self.compare(&types.1, &a.1, &b.1))
            }),
            (Type::Struct(id), Value::Struct(a), Value::Struct(b)) => self.compare_structs(*id, a, b),
            // Both are of the same type, and doubles have no order.
            (_, _, _) => Ordering::Equal,
        }
    }

    fn compare_structs(self, id: StructId, a: &Fields, b: &Fields) -> Ordering {
        let one = &self.known[id];
        if one.kind == StructKind::Union {
            // Variants in their order, not the absence of one against its presence.
            let variant =
                |fields: &Fields| one.fields.iter().position(|field| fields.get(field.id).is_some());
            let by_variant = variant(a).cmp(&variant(b));
            if by_variant.is_ne() {
                return by_variant;
            }
        }
        let pairs = one.fields.iter().map(|field| match (a.get(field.id), b.get(field.id)) {
            (Some(a), Some(b)) => self.compare(&field.ty, a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        });
        pairs.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// Values with names in their order, then the others by their numbers.
    fn rank(self, id: EnumId, number: i32) -> (usize, i32) {
        let place = self.known[id].members.iter().position(|member| member.number == number);
        (place.unwrap_or(usize::MAX), number)
    }
}

/// Compares as lists are compared: by the first items that differ, else by length.
fn lexical<T>(a: &[T], b: &[T], compare: impl Fn(&T, &T) -> Ordering) -> Ordering {
    let differing = a.iter().zip(b).map(|(a, b)| compare(a, b)).find(|order| order.is_ne());
    differing.unwrap_or_else(|| a.len().cmp(&b.len()))
}
