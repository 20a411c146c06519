//! Which types have an order: all that no double is a part of.

use super::{Definitions, StructId, Type, TypedefId};

impl Definitions {
    /// Whether the values of a type have an order, so that they can be keys of an ordered map.
    pub fn is_ordered(&self, ty: &Type) -> bool {
        match self.resolved(ty) {
            Type::Double => false,
            Type::List(item) | Type::Set(item) => self.is_ordered(item),
            Type::Map(pair) => self.is_ordered(&pair.0) && self.is_ordered(&pair.1),
            Type::Struct(id) => self[*id].is_ordered,
            Type::Bool
            | Type::I8
            | Type::I16
            | Type::I32
            | Type::I64
            | Type::String
            | Type::Binary
            | Type::Enum(_)
            | Type::Typedef(_) => true,
        }
    }

    /// Finds out which structs have an order.
    pub(crate) fn find_order(&mut self) {
        let unordered = self.unordered();
        for (one, unordered) in self.structs.iter_mut().zip(unordered) {
            one.is_ordered = !unordered;
        }
    }

    /// For each struct, and behind them for each typedef, whether a double is a part of it: what is made of doubles has
    /// none, and so has everything that this is a part of.
    fn unordered(&self) -> Vec<bool> {
        let structs = self.structs.iter().map(|one| one.fields.iter().map(|field| &field.ty).collect());
        let typedefs = self.typedefs.iter().map(|typedef| vec![&typedef.ty]);
        let written: Vec<Vec<&Type>> = structs.chain(typedefs).collect();
        let mut wholes = vec![Vec::new(); written.len()];
        let mut found = Vec::new();
        for (whole, types) in written.iter().enumerate() {
            for ty in types {
                each_part(ty, &mut |part| match part {
                    Part::Double => found.push(whole),
                    Part::Struct(StructId(at)) => wholes[at].push(whole),
                    Part::Typedef(TypedefId(at)) => wholes[self.structs.len() + at].push(whole),
                });
            }
        }
        let mut unordered = vec![false; written.len()];
        while let Some(at) = found.pop() {
            if !std::mem::replace(&mut unordered[at], true) {
                found.extend(&wholes[at]);
            }
        }
        unordered
    }
}

enum Part {
    Double,
    Struct(StructId),
    Typedef(TypedefId),
}

/// Calls `each` for the parts that a type is written with.
fn each_part(ty: &Type, each: &mut impl FnMut(Part)) {
    match ty {
        Type::Double => each(Part::Double),
        Type::Struct(id) => each(Part::Struct(*id)),
        Type::Typedef(id) => each(Part::Typedef(*id)),
        Type::List(item) | Type::Set(item) => each_part(item, each),
        Type::Map(pair) => {
            each_part(&pair.0, each);
            each_part(&pair.1, each);
        }
        Type::Bool
        | Type::I8
        | Type::I16
        | Type::I32
        | Type::I64
        | Type::String
        | Type::Binary
        | Type::Enum(_) => {}
    }
}
