//! Fields of structs, arguments and exceptions of methods.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

use super::{Type, Value};

/// Fields in their order, which is the order in which they are written. Ids and names are there once.
#[derive(Debug, Default)]
pub struct Fields {
    all: Vec<Field>,
    ids: HashMap<i16, usize>,
    /// The places of those that mean more than nothing when they are not there.
    missed: Vec<usize>,
    names: HashMap<Arc<str>, usize>,
}

/// A field of a struct, an argument of a method, or an exception that it declares.
#[derive(Debug)]
pub struct Field {
    /// Its number on the wire; negative where the file gives none.
    pub id: i16,
    /// Its name.
    pub name: Arc<str>,
    /// What the file says of it.
    pub doc: Option<String>,
    /// Whether it has to be there.
    pub requiredness: Requiredness,
    /// Its type.
    pub ty: Type,
    /// What it is if nothing else is said.
    pub default: Option<Value>,
}

/// What a file says of whether a field has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requiredness {
    /// `required`. An argument that nothing is said of, and that has no default, is required, too.
    Required,
    /// `optional`
    Optional,
    /// Neither word.
    Unsaid,
}

/// What it means that a field is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// That the struct is not whole: it cannot be read.
    Required,
    /// That it is its default.
    Defaulted,
    /// Just that.
    Optional,
}

impl Field {
    /// What it means on the wire that the field is not there.
    pub fn presence(&self) -> Presence {
        match (self.requiredness, &self.default) {
            (Requiredness::Required, _) => Presence::Required,
            (Requiredness::Optional | Requiredness::Unsaid, Some(_)) => Presence::Defaulted,
            (Requiredness::Optional | Requiredness::Unsaid, None) => Presence::Optional,
        }
    }
}

impl Fields {
    /// Ids and names have to differ.
    pub(crate) fn new(all: Vec<Field>) -> Self {
        let ids = all.iter().enumerate().map(|(at, field)| (field.id, at)).collect();
        let names = all.iter().enumerate().map(|(at, field)| (Arc::clone(&field.name), at)).collect();
        let mut fields = Self { all, ids, names, missed: Vec::new() };
        fields.find_missed();
        fields
    }

    /// The place of the field with this id.
    pub fn with_id(&self, id: i16) -> Option<usize> {
        self.ids.get(&id).copied()
    }

    /// The place of the field with this name.
    pub fn with_name(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    /// The names, for people.
    pub(crate) fn listed(&self) -> String {
        let names: Vec<String> = self.all.iter().map(|field| format!("`{}`", field.name)).collect();
        if names.is_empty() { "none".into() } else { names.join(", ") }
    }

    /// Gives defaults to the fields at these places.
    pub(crate) fn set_defaults(&mut self, defaults: impl IntoIterator<Item = (usize, Value)>) {
        for (at, default) in defaults {
            self.all[at].default = Some(default);
        }
        self.find_missed();
    }

    /// The fields that are required or have a default, with their places: whoever reads looks after these only.
    pub fn missed(&self) -> impl Iterator<Item = (usize, &Field)> {
        self.missed.iter().map(|at| (*at, &self.all[*at]))
    }

    fn find_missed(&mut self) {
        let all = self.all.iter().enumerate();
        self.missed =
            all.filter(|(_, field)| field.presence() != Presence::Optional).map(|(at, _)| at).collect();
    }
}

impl Deref for Fields {
    type Target = [Field];

    fn deref(&self) -> &[Field] {
        &self.all
    }
}
