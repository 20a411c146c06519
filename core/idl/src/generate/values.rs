//! Expressions for constant values.

use std::str::FromStr;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::names;
use super::scope::Scope;
use crate::model::{EnumId, Field, Presence, StructId, StructKind, Type, Value};

/// A whole number, with separators where it is long.
pub(super) fn int(number: i64) -> TokenStream {
    signed(number < 0, &separated(&number.unsigned_abs().to_string()))
}

fn double(number: f64) -> TokenStream {
    let text = format!("{:?}", number.abs());
    let (digits, exponent) = text.split_once('e').map_or((&*text, None), |(digits, e)| (digits, Some(e)));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let fraction: String = separated(&fraction.chars().rev().collect::<String>()).chars().rev().collect();
    let exponent = exponent.map_or(String::new(), |exponent| format!("e{exponent}"));
    signed(number.is_sign_negative(), &format!("{}.{fraction}{exponent}", separated(whole)))
}

/// Digits in groups of three from the right.
fn separated(digits: &str) -> String {
    if digits.len() < 5 {
        return digits.to_owned();
    }
    let first = digits.len() % 3;
    let mut groups: Vec<&str> = if first > 0 { vec![&digits[..first]] } else { Vec::new() };
    groups.extend((first..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
    groups.join("_")
}

fn signed(negative: bool, digits: &str) -> TokenStream {
    let literal = Literal::from_str(digits).expect("digits are a literal");
    if negative {
        quote! { -#literal }
    } else {
        quote! { #literal }
    }
}

impl Scope<'_> {
    /// An expression for a value of `ty` that owns what it needs.
    pub(super) fn value(&self, ty: &Type, value: &Value) -> TokenStream {
        let ty = self.known.resolved(ty);
        match value {
            Value::Bool(value) => quote! { #value },
            Value::I8(number) => int((*number).into()),
            Value::I16(number) => int((*number).into()),
            Value::I32(number) => int((*number).into()),
            Value::I64(number) => int(*number),
            Value::Double(number) => double(*number),
            Value::Enum(id, number) => self.member(*id, *number),
            Value::String(text) => match (ty, text.is_empty()) {
                (Type::Binary, true) => quote! { thrift::Bytes::new() },
                (Type::Binary, false) => {
                    let bytes = Literal::byte_string(text.as_bytes());
                    quote! { thrift::Bytes::from_static(#bytes) }
                }
                (_, true) => quote! { String::new() },
                (_, false) => quote! { #text.to_owned() },
            },
            Value::List(items) => self.list(ty, items),
            Value::Map(pairs) => self.map(ty, pairs),
            Value::Struct(id, fields) => self.instance(*id, fields),
        }
    }

    /// A value of an enum.
    pub(super) fn member(&self, id: EnumId, number: i32) -> TokenStream {
        let path = self.path(self.known[id].file, &self.names[id]);
        let variants = self.variants(id);
        let found = variants.iter().find(|(_, member)| member.number == number);
        let (variant, _) = found.expect("constants have numbers that have a name");
        quote! { #path::#variant }
    }

    fn list(&self, ty: &Type, items: &[Value]) -> TokenStream {
        let (Type::List(item) | Type::Set(item)) = ty else { unreachable!("lists are of these types") };
        let values = items.iter().map(|value| self.value(item, value));
        let is_set = matches!(ty, Type::Set(_));
        match (is_set, self.known.is_ordered(item), items.is_empty()) {
            (false, _, true) => quote! { Vec::new() },
            (false, _, false) => quote! { Vec::from([#(#values),*]) },
            (true, true, true) => quote! { BTreeSet::new() },
            (true, true, false) => quote! { BTreeSet::from([#(#values),*]) },
            (true, false, true) => quote! { thrift::Items(Vec::new()) },
            (true, false, false) => quote! { thrift::Items(Vec::from([#(#values),*])) },
        }
    }

    fn map(&self, ty: &Type, pairs: &[(Value, Value)]) -> TokenStream {
        let Type::Map(types) = ty else { unreachable!("maps are of this type") };
        let values = pairs.iter().map(|(key, value)| {
            let (key, value) = (self.value(&types.0, key), self.value(&types.1, value));
            quote! { (#key, #value) }
        });
        match (self.known.is_ordered(&types.0), pairs.is_empty()) {
            (true, true) => quote! { BTreeMap::new() },
            (true, false) => quote! { BTreeMap::from([#(#values),*]) },
            (false, true) => quote! { thrift::Pairs(Vec::new()) },
            (false, false) => quote! { thrift::Pairs(Vec::from([#(#values),*])) },
        }
    }

    fn instance(&self, id: StructId, values: &[Option<Value>]) -> TokenStream {
        let one = &self.known[id];
        let path = self.path(one.file, &self.names[id]);
        let fields = one.fields.iter().zip(values);
        if one.kind == StructKind::Union {
            let mut variants = fields.zip(names::of_variants(&one.fields));
            let found =
                variants.find_map(|((field, value), variant)| Some((field, variant, value.as_ref()?)));
            let (field, variant, value) = found.expect("a constant union has a field");
            let value = self.boxed(field, id, self.value(&field.ty, value));
            return quote! { #path::#variant(#value) };
        }
        let fields = fields.zip(names::of_fields(&one.fields)).map(|((field, value), name)| {
            let value = value.as_ref().map(|value| self.boxed(field, id, self.value(&field.ty, value)));
            match (value, field.presence()) {
                (Some(value), Presence::Required | Presence::Defaulted) => quote! { #name: #value },
                (Some(value), Presence::Optional) => quote! { #name: Some(#value) },
                (None, _) => quote! { #name: None },
            }
        });
        quote! { #path { #(#fields),* } }
    }

    /// A value of a field, in a box if the field has one.
    pub(super) fn boxed(&self, field: &Field, owner: StructId, value: TokenStream) -> TokenStream {
        if self.is_boxed(field, Some(owner)) {
            quote! { Box::new(#value) }
        } else {
            value
        }
    }
}

#[cfg(test)]
mod tests;
