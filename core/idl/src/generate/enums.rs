//! Enums.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::docs;
use super::names::Taken;
use super::scope::Scope;
use super::values::int;
use crate::model::{EnumId, Member};

impl Scope<'_> {
    /// The variants of an enum: one for each number, by its first name.
    pub(super) fn variants(&self, id: EnumId) -> Vec<(Ident, &Member)> {
        let mut taken = Taken::with([UNRECOGNIZED]);
        let mut numbers = HashSet::new();
        let first = self.known[id].members.iter().filter(|member| numbers.insert(member.number));
        first.map(|member| (taken.camel(&member.name), member)).collect()
    }

    pub(super) fn enumeration(&self, id: EnumId) -> TokenStream {
        let one = &self.known[id];
        let (name, variants) = (&self.names[id], self.variants(id));
        let doc = docs::of(one.doc.as_deref(), &format!("Enum `{}`.", one.name));
        let declared = variants.iter().map(|(variant, member)| {
            let doc = docs::of(member.doc.as_deref(), &format!("`{}`: {}.", member.name, member.number));
            quote! { #doc #variant, }
        });
        let idents: Vec<&Ident> = variants.iter().map(|(variant, _)| variant).collect();
        let numbers: Vec<TokenStream> =
            variants.iter().map(|(_, member)| int(member.number.into())).collect();
        let texts = variants.iter().map(|(_, member)| &*member.name);
        let others = self.other_names(id, &variants);
        let from_number = if variants.is_empty() {
            quote! { Self::Unrecognized(number) }
        } else {
            quote! { match number {
                #(#numbers => Self::#idents,)*
                other => Self::Unrecognized(other),
            } }
        };
        quote! {
            #doc
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub enum #name {
                #(#declared)*
                /// A number that has no name here; the peer's IDL may be newer.
                Unrecognized(i32),
            }
            impl #name {
                #others
                /// The value of a number.
                #[must_use]
                pub const fn from_number(number: i32) -> Self { #from_number }
                /// Its number.
                #[must_use]
                pub const fn number(self) -> i32 {
                    match self {
                        #(Self::#idents => #numbers,)*
                        Self::Unrecognized(number) => number,
                    }
                }
                /// Its name in the IDL.
                #[must_use]
                pub const fn name(self) -> Option<&'static str> {
                    match self {
                        #(Self::#idents => Some(#texts),)*
                        Self::Unrecognized(_) => None,
                    }
                }
            }
            impl thrift::Wire for #name {
                const TYPE: thrift::Type = thrift::Type::I32;
                fn write(&self, to: &mut thrift::Writer) -> Result<(), thrift::EncodeError> {
                    to.i32(self.number());
                    Ok(())
                }
                fn read(from: &mut thrift::Reader<'_>) -> Result<Self, thrift::DecodeError> {
                    from.i32().map(Self::from_number)
                }
            }
        }
    }

    /// Constants for the further names of a number.
    fn other_names(&self, id: EnumId, variants: &[(Ident, &Member)]) -> TokenStream {
        let mut taken = Taken::with(variants.iter().map(|(variant, _)| variant.to_string()));
        let members = self.known[id].members.iter();
        let others = members.filter_map(|member| {
            let (variant, first) = variants.iter().find(|(_, first)| first.number == member.number)?;
            (first.name != member.name).then_some((variant, member))
        });
        let constants = others.map(|(variant, member)| {
            let name = taken.shouty(&member.name);
            let doc = docs::of(member.doc.as_deref(), &format!("`{}`: {}, too.", member.name, member.number));
            quote! { #doc pub const #name: Self = Self::#variant; }
        });
        constants.collect()
    }
}

const UNRECOGNIZED: &str = "Unrecognized";
