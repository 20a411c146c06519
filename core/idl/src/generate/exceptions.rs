//! What a method may throw.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::docs;
use super::names;
use super::scope::Scope;
use super::structs::field_doc;
use super::values::int;
use crate::model::{Field, Method};

/// Makes an error of a type: its text is all that it holds.
pub(super) fn error(name: &Ident) -> TokenStream {
    quote! {
        impl std::fmt::Display for #name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(self, f)
            }
        }
        impl std::error::Error for #name {}
    }
}

impl Scope<'_> {
    /// An enum of the exceptions that a method declares.
    pub(super) fn exceptions(&self, method: &Method, name: &Ident) -> TokenStream {
        let fields = &method.throws;
        let variants = names::of_variants(fields);
        let doc = docs::attributes(&format!("What `{}` may throw.", method.name));
        let derives = self.derives(fields, false);
        let docs = fields.iter().map(|field| docs::of(field.doc.as_deref(), &field_doc(field)));
        let types: Vec<TokenStream> = fields.iter().map(|field| self.ty(&field.ty)).collect();
        let ids: Vec<TokenStream> = fields.iter().map(|field| int(field.id.into())).collect();
        let idl_names: Vec<&str> = fields.iter().map(|field| &*field.name).collect();
        let (error, conversions) = (error(name), self.conversions(fields, name, &variants));
        quote! {
            #doc
            #derives
            pub enum #name { #(#docs #variants(#types),)* }
            #error
            impl thrift::Exceptions for #name {
                fn read_field(
                    from: &mut thrift::Reader<'_>,
                    field: thrift::Field,
                ) -> Result<Option<Self>, thrift::DecodeError> {
                    let exception = match field.id {
                        #(#ids => Self::#variants(from.value(field, #idl_names)?),)*
                        _ => return Ok(None),
                    };
                    Ok(Some(exception))
                }
                fn write_field(&self, to: &mut thrift::Writer) -> Result<(), thrift::EncodeError> {
                    match self { #(Self::#variants(value) => to.field(#ids, #idl_names, value),)* }
                }
            }
            #conversions
        }
    }

    /// What makes `?` work on an exception in a handler, for types that only one field has.
    fn conversions(&self, fields: &[Field], name: &Ident, variants: &[Ident]) -> TokenStream {
        let resolved = |field: &Field| self.known.resolved(&field.ty).clone();
        let is_only =
            |field: &Field| fields.iter().filter(|other| resolved(other) == resolved(field)).count() == 1;
        let own = |field: &Field| matches!(self.known.resolved(&field.ty), crate::model::Type::Struct(_));
        let only = fields.iter().zip(variants).filter(|(field, _)| is_only(field) && own(field));
        let conversions = only.map(|(field, variant)| {
            let ty = self.ty(&field.ty);
            quote! {
                impl From<#ty> for #name {
                    fn from(exception: #ty) -> Self { Self::#variant(exception) }
                }
                impl From<#ty> for thrift::Failure<#name> {
                    fn from(exception: #ty) -> Self { Self::Exception(exception.into()) }
                }
            }
        });
        conversions.collect()
    }
}
