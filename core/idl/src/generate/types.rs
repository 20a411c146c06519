//! Types of Rust for types of the IDL.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::scope::Scope;
use crate::model::{Field, Presence, StructId, Type, TypedefId};

impl Scope<'_> {
    /// A type.
    pub(super) fn ty(&self, ty: &Type) -> TokenStream {
        match ty {
            Type::Bool => quote! { bool },
            Type::I8 => quote! { i8 },
            Type::I16 => quote! { i16 },
            Type::I32 => quote! { i32 },
            Type::I64 => quote! { i64 },
            Type::Double => quote! { f64 },
            Type::String => quote! { String },
            Type::Binary => quote! { thrift::Bytes },
            Type::List(item) => {
                let item = self.ty(item);
                quote! { Vec<#item> }
            }
            Type::Set(item) => {
                let set = if self.known.is_ordered(item) {
                    quote! { BTreeSet }
                } else {
                    quote! { thrift::Items }
                };
                let item = self.ty(item);
                quote! { #set<#item> }
            }
            Type::Map(types) => {
                let is_ordered = self.known.is_ordered(&types.0);
                let map = if is_ordered {
                    quote! { BTreeMap }
                } else {
                    quote! { thrift::Pairs }
                };
                let (key, value) = (self.ty(&types.0), self.ty(&types.1));
                quote! { #map<#key, #value> }
            }
            Type::Struct(id) => self.path(self.known[*id].file, &self.names[*id]),
            Type::Enum(id) => self.path(self.known[*id].file, &self.names[*id]),
            Type::Typedef(id) => self.path(self.known[*id].file, &self.names[*id]),
        }
    }

    /// The type of a field: `owner` is the struct that it would be boxed in, if it contains that.
    pub(super) fn field_type(&self, field: &Field, owner: Option<StructId>) -> TokenStream {
        let mut ty = self.ty(&field.ty);
        if self.is_boxed(field, owner) {
            ty = quote! { Box<#ty> };
        }
        match field.presence() {
            Presence::Required | Presence::Defaulted => ty,
            Presence::Optional => quote! { Option<#ty> },
        }
    }

    /// Whether a field's value would contain a value of its owner, in place.
    pub(super) fn is_boxed(&self, field: &Field, owner: Option<StructId>) -> bool {
        let (Some(owner), Type::Struct(first)) = (owner, self.known.resolved(&field.ty)) else {
            return false;
        };
        let mut seen = vec![false; self.known.structs.len()];
        let mut found = vec![*first];
        while let Some(id) = found.pop() {
            if id == owner {
                return true;
            }
            if std::mem::replace(&mut seen[id.0], true) {
                continue;
            }
            for field in self.known[id].fields.iter() {
                if let Type::Struct(part) = self.known.resolved(&field.ty) {
                    found.push(*part);
                }
            }
        }
        false
    }

    pub(super) fn typedef(&self, id: TypedefId) -> TokenStream {
        let typedef = &self.known[id];
        let doc = docs::of(typedef.doc.as_deref(), &format!("Type `{}`.", typedef.name));
        let (name, ty) = (&self.names[id], self.ty(&typedef.ty));
        quote! { #doc pub type #name = #ty; }
    }
}
