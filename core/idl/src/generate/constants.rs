//! Constants.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs;
use super::scope::Scope;
use crate::model::{ConstantId, Type, Value};

impl Scope<'_> {
    pub(super) fn constant(&self, id: ConstantId) -> TokenStream {
        let constant = &self.known[id];
        let name = &self.names[id];
        let doc = docs::of(constant.doc.as_deref(), &format!("Constant `{}`.", constant.name));
        let value = self.value(&constant.ty, &constant.value);
        match &constant.value {
            Value::String(text) if *self.known.resolved(&constant.ty) == Type::Binary => {
                let bytes = Literal::byte_string(text.as_bytes());
                quote! { #doc pub const #name: &[u8] = #bytes; }
            }
            Value::String(text) => quote! { #doc pub const #name: &str = #text; },
            Value::List(_) | Value::Map(_) | Value::Struct(..) => {
                let ty = self.ty(&constant.ty);
                quote! { #doc pub static #name: LazyLock<#ty> = LazyLock::new(|| #value); }
            }
            Value::Bool(_)
            | Value::I8(_)
            | Value::I16(_)
            | Value::I32(_)
            | Value::I64(_)
            | Value::Double(_)
            | Value::Enum(..) => {
                let ty = self.ty(&constant.ty);
                quote! { #doc pub const #name: #ty = #value; }
            }
        }
    }
}
