//! Unions.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::docs;
use super::names;
use super::scope::Scope;
use super::structs::field_doc;
use super::values::int;
use crate::model::StructId;

impl Scope<'_> {
    pub(super) fn union(&self, id: StructId) -> TokenStream {
        let one = &self.known[id];
        let (name, idl_name) = (&self.names[id], &*one.name);
        let doc = docs::of(one.doc.as_deref(), &format!("Union `{idl_name}`."));
        let variants: Vec<Ident> = names::of_variants(&one.fields);
        let derives = self.derives(&one.fields, false);
        let docs = one.fields.iter().map(|field| docs::of(field.doc.as_deref(), &field_doc(field)));
        let types = one.fields.iter().map(|field| {
            let ty = self.ty(&field.ty);
            if self.is_boxed(field, Some(id)) {
                quote! { Box<#ty> }
            } else {
                ty
            }
        });
        let ids: Vec<TokenStream> = one.fields.iter().map(|field| int(field.id.into())).collect();
        let idl_names: Vec<&str> = one.fields.iter().map(|field| &*field.name).collect();
        let write = if variants.is_empty() {
            quote! { match *self {} }
        } else {
            quote! { to.fields(|to| match self {
                #(Self::#variants(value) => to.field(#ids, #idl_names, value),)*
            }) }
        };
        let read = if variants.is_empty() {
            quote! { from.union(|_, _| Ok(None)) }
        } else {
            quote! { from.union(|from, field| {
                let variant = match field.id {
                    #(#ids => Self::#variants(from.value(field, #idl_names)?),)*
                    _ => return Ok(None),
                };
                Ok(Some(variant))
            }) }
        };
        let to = if variants.is_empty() {
            quote! { _ }
        } else {
            quote! { to }
        };
        quote! {
            #doc
            #derives
            pub enum #name { #(#docs #variants(#types),)* }
            impl thrift::Wire for #name {
                const TYPE: thrift::Type = thrift::Type::Struct;
                fn write(&self, #to: &mut thrift::Writer) -> Result<(), thrift::EncodeError> { #write }
                fn read(from: &mut thrift::Reader<'_>) -> Result<Self, thrift::DecodeError> { #read }
            }
            impl thrift::Struct for #name { const NAME: &'static str = #idl_name; }
        }
    }
}
