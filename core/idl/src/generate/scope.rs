//! Where generated code stands, and how it names what stands elsewhere.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::names::Names;
use crate::model::{Definitions, FileId};

/// A place in generated code.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) known: &'a Definitions,
    pub(super) names: &'a Names,
    /// The module that generated code is written against.
    pub(super) thrift: &'a syn::Path,
    /// Whose module it stands in.
    pub(super) file: FileId,
    /// Modules around it within that of the file.
    pub(super) depth: usize,
}

impl Scope<'_> {
    /// The path of something in the module of a file.
    pub(super) fn path(&self, file: FileId, name: &Ident) -> TokenStream {
        let (up, module) = if file == self.file {
            (self.depth, None)
        } else {
            let module = &self.names[file];
            (self.depth + 1, Some(quote! { #module:: }))
        };
        let up = (0..up).map(|_| quote! { super:: });
        quote! { #(#up)* #module #name }
    }

    /// A place one module further inside.
    pub(super) fn inside(mut self) -> Self {
        self.depth += 1;
        self
    }
}
