//! Names of Rust for names of the IDL.

use std::collections::HashSet;
use std::ops::Index;

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Span};

use super::files::IDL;
use crate::model::{ConstantId, Definitions, EnumId, Field, FileId, Item, ServiceId, StructId, TypedefId};

/// Names that are taken in one place.
#[derive(Debug, Default)]
pub(super) struct Taken(HashSet<String>);

impl Taken {
    /// What code in a module says, and these.
    pub(super) fn in_module(names: &[&str]) -> Self {
        Self::with([&SPOKEN, names].concat())
    }

    /// These.
    pub(super) fn with<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }

    /// `Like this`: types and variants.
    pub(super) fn camel(&mut self, name: &str) -> Ident {
        self.take(name.to_upper_camel_case(), 'N')
    }

    /// `like_this`: fields, functions and modules.
    pub(super) fn snake(&mut self, name: &str) -> Ident {
        self.take(name.to_snake_case(), 'n')
    }

    /// `LIKE_THIS`: constants.
    pub(super) fn shouty(&mut self, name: &str) -> Ident {
        let is_spaced = name.contains('_') || !name.contains(|c: char| c.is_ascii_lowercase());
        self.take(if is_spaced { name.to_ascii_uppercase() } else { name.to_shouty_snake_case() }, 'N')
    }

    /// The name, with as many underscores behind it as it takes to be a new one.
    fn take(&mut self, mut name: String, first: char) -> Ident {
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            // Digits, or nothing at all.
            name.insert(0, first);
        }
        while WORDS.contains(&name.as_str()) || !self.0.insert(name.clone()) {
            name.push('_');
        }
        ident(&name)
    }
}

/// The names that fields have in a struct.
pub(super) fn of_fields(fields: &[Field]) -> Vec<Ident> {
    let mut taken = Taken::default();
    fields.iter().map(|field| taken.snake(&field.name)).collect()
}

/// The names that fields have as the variants of an enum.
pub(super) fn of_variants(fields: &[Field]) -> Vec<Ident> {
    let mut taken = Taken::default();
    fields.iter().map(|field| taken.camel(&field.name)).collect()
}

/// An identifier, raw if it is a word of Rust's.
fn ident(name: &str) -> Ident {
    if name == "gen" || syn::parse_str::<Ident>(name).is_err() {
        Ident::new_raw(name, Span::call_site())
    } else {
        Ident::new(name, Span::call_site())
    }
}

/// Words of Rust's that no identifier can be, not even a raw one.
const WORDS: [&str; 5] = ["self", "Self", "super", "crate", "_"];

/// Names that code in modules says without a path.
const SPOKEN: [&str; 25] = [
    "Arc",
    "BTreeMap",
    "BTreeSet",
    "Box",
    "Clone",
    "Default",
    "Err",
    "From",
    "Future",
    "Infallible",
    "Into",
    "LazyLock",
    "None",
    "Ok",
    "Option",
    "Result",
    "Send",
    "Some",
    "String",
    "Sync",
    "Vec",
    "std",
    "tchannel_rpc",
    "tchannel_schemes",
    "thrift",
];

/// The names of everything that has one in the module of a file, and of these modules.
#[derive(Debug)]
pub(super) struct Names {
    files: Vec<Ident>,
    structs: Vec<Ident>,
    enums: Vec<Ident>,
    typedefs: Vec<Ident>,
    constants: Vec<Ident>,
    services: Vec<Ident>,
}

impl Names {
    pub(super) fn new(known: &Definitions) -> Self {
        let mut modules = Taken::in_module(&[]);
        let files = known.files.iter().map(|file| modules.snake(file.stem())).collect();
        let blank = |len| vec![ident("blank"); len];
        let mut names = Self {
            files,
            structs: blank(known.structs.len()),
            enums: blank(known.enums.len()),
            typedefs: blank(known.typedefs.len()),
            constants: blank(known.constants.len()),
            services: blank(known.services.len()),
        };
        for file in &known.files {
            let mut taken = Taken::in_module(&[IDL]);
            for item in &file.items {
                match *item {
                    Item::Struct(id) => names.structs[id.0] = taken.camel(&known[id].name),
                    Item::Enum(id) => names.enums[id.0] = taken.camel(&known[id].name),
                    Item::Typedef(id) => names.typedefs[id.0] = taken.camel(&known[id].name),
                    Item::Constant(id) => names.constants[id.0] = taken.shouty(&known[id].name),
                    Item::Service(id) => names.services[id.0] = taken.snake(&known[id].name),
                }
            }
        }
        names
    }
}

macro_rules! index {
    ($($id:ident, $list:ident;)*) => {$(
        impl Index<$id> for Names {
            type Output = Ident;

            fn index(&self, id: $id) -> &Ident {
                &self.$list[id.0]
            }
        }
    )*};
}

index! {
    FileId, files;
    StructId, structs;
    EnumId, enums;
    TypedefId, typedefs;
    ConstantId, constants;
    ServiceId, services;
}

#[cfg(test)]
mod tests;
