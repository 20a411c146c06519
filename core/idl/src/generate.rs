//! Rust source for what an IDL defines.
//!
//! | IDL | Rust |
//! |---|---|
//! | file | a module; included files are modules beside it |
//! | struct, exception | a struct with public fields; an exception is an `Error`, too |
//! | field: required, or with a default | its type; one with a default has it when it does not arrive |
//! | field: optional, or of which nothing is said | `Option` of its type |
//! | union | an enum with a variant for each field |
//! | enum | an enum, and `Unrecognized` for numbers that have no name here |
//! | typedef | a type alias |
//! | constant | a `const`; a `static` with a `LazyLock` for containers and structs |
//! | list, set, map, binary | `Vec`, `BTreeSet`, `BTreeMap`, `Bytes`; `Items` and `Pairs` where keys have no order |
//! | service | a module: a type for each method, its request and exceptions, `Client`, `Handler`, `register` |
//!
//! Fields that would make a type contain itself are boxed. Names are those of Rust's conventions; where two would be the
//! same, or one is a word of Rust's own, underscores tell them apart. A method that is oneway is left out: TChannel has
//! no such calls.
//!
//! A method whose one argument is a struct is a `RequestStream`, too: with scheme `sthrift`, its requests may be streams.
//!
//! What carries calls is met at three traits of `thrift` only. A `Client` has a function for each method, and is async or
//! blocking as its `Caller` is; requests are values, to be kept and sent again. A `Handler` has an async function for each
//! method; one that extends another service's has that one's functions, too. `register` gives each of them to a
//! `Register`, under the names of the service that it is called for; and the files, for those who ask the server for its
//! IDL.

mod build;
mod client;
mod constants;
mod docs;
mod enums;
mod exceptions;
mod files;
mod handler;
mod layout;
mod lints;
mod methods;
mod names;
mod scope;
mod services;
mod structs;
mod types;
mod unions;
mod values;

pub use build::{BuildError, build};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::Idl;
use crate::model::{FileId, Item};

use self::layout::mentions;
use self::names::Names;
use self::scope::Scope;

/// Writes Rust source.
#[derive(Debug, Clone)]
pub struct Generator {
    thrift: String,
}

impl Default for Generator {
    fn default() -> Self {
        Self { thrift: "tchannel_rpc::thrift".into() }
    }
}

impl Generator {
    /// Writes against `tchannel_rpc::thrift`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes against the module that is at this path in the crate that takes the source up: one that is, or re-exports
    /// all of, `tchannel_schemes::thrift`. `tchannel_rpc::thrift` does.
    #[must_use = "gives the generator back, changes nothing in place"]
    pub fn thrift_path(mut self, path: impl Into<String>) -> Self {
        self.thrift = path.into();
        self
    }

    /// Writes everything that the IDL defines: one module for each file, the first one's first. The same IDL gives the
    /// same text.
    ///
    /// # Panics
    ///
    /// If [`thrift_path`](Self::thrift_path) is no path.
    pub fn generate(&self, idl: &Idl) -> String {
        let thrift: syn::Path =
            syn::parse_str(&self.thrift).expect("the path of the thrift module is a path");
        let known = idl.definitions();
        let names = Names::new(known);
        let told = files::told(known);
        let mut modules = Vec::new();
        for file in (0..known.files.len()).map(FileId) {
            let scope = Scope { known, names: &names, thrift: &thrift, file, depth: 0 };
            let module = layout::printed(scope.module());
            modules.push(match told.get(file.0) {
                Some(name) => files::with_text(&module, name, &known[file].text),
                None => module,
            });
        }
        let files: Vec<String> = idl.files().map(|(name, _)| file_name(name)).collect();
        format!(
            "// Written by tchannel-idl from {}. Changes are lost.\n\n{}",
            files.join(", "),
            modules.join("\n")
        )
    }
}

/// A path's last part: the directories of one machine are of no use on another.
fn file_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).escape_debug().to_string()
}

impl Scope<'_> {
    /// The module of the scope's file.
    fn module(&self) -> TokenStream {
        let file = &self.known[self.file];
        let items = file.items.iter().map(|item| match item {
            Item::Struct(id) => self.structure(*id),
            Item::Enum(id) => self.enumeration(*id),
            Item::Typedef(id) => self.typedef(*id),
            Item::Constant(id) => self.constant(*id),
            Item::Service(id) => self.service(*id),
        });
        let body: TokenStream = items.collect();
        let doc = docs::attributes(&format!("What `{}` defines.", file_name(&file.name)));
        let (name, uses, allow) = (&self.names[self.file], self.uses(&body), lints::allowed());
        quote! { #doc #allow pub mod #name { #uses #body } }
    }

    /// What a module with this body has to bring into scope.
    fn uses(&self, body: &TokenStream) -> TokenStream {
        let thrift = self.thrift;
        let is_named_so = thrift.segments.last().is_some_and(|last| last.ident == "thrift");
        let thrift = if is_named_so {
            quote! { #thrift }
        } else {
            quote! { #thrift as thrift }
        };
        let maps = ["BTreeMap", "BTreeSet"].into_iter().filter(|name| mentions(body, name));
        let maps: Vec<_> = maps.map(|name| format_ident!("{name}")).collect();
        let maps = match &maps[..] {
            [] => quote! {},
            [map] => quote! { use std::collections::#map; },
            maps => quote! { use std::collections::{#(#maps),*}; },
        };
        let others = [
            ("Infallible", quote! { std::convert::Infallible }),
            ("Future", quote! { std::future::Future }),
            ("Arc", quote! { std::sync::Arc }),
            ("LazyLock", quote! { std::sync::LazyLock }),
            ("thrift", thrift),
        ];
        let others = others.into_iter().filter(|(name, _)| mentions(body, name));
        let others = others.map(|(_, path)| quote! { use #path; });
        quote! { #maps #(#others)* }
    }
}
