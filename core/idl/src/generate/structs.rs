//! Structs: what they hold, how they begin, how they are read and written.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::docs;
use super::names::{self, Taken};
use super::scope::Scope;
use super::values::int;
use crate::model::{Field, Fields, Presence, StructId, StructKind, Type, Value};

/// A struct to be.
pub(super) struct Record<'a> {
    pub(super) name: &'a Ident,
    /// What it is called in the IDL.
    pub(super) idl_name: &'a str,
    pub(super) doc: TokenStream,
    pub(super) fields: &'a Fields,
    /// The struct of the IDL that it stands for, if it stands for one.
    pub(super) id: Option<StructId>,
    pub(super) names: Vec<Ident>,
}

impl Scope<'_> {
    /// A struct, union or exception.
    pub(super) fn structure(&self, id: StructId) -> TokenStream {
        let one = &self.known[id];
        let (name, idl_name) = (&self.names[id], &*one.name);
        let kind = match one.kind {
            StructKind::Struct => "Struct",
            StructKind::Union => return self.union(id),
            StructKind::Exception => "Exception",
        };
        let doc = docs::of(one.doc.as_deref(), &format!("{kind} `{idl_name}`."));
        let names = names::of_fields(&one.fields);
        let record = self.record(&Record { name, idl_name, doc, fields: &one.fields, id: Some(id), names });
        let error = (one.kind == StructKind::Exception).then(|| super::exceptions::error(name));
        quote! { #record #error }
    }

    pub(super) fn record(&self, record: &Record<'_>) -> TokenStream {
        let Record { name, idl_name, doc, fields, id, names } = record;
        let types = fields.iter().map(|field| self.field_type(field, *id));
        let docs = fields.iter().map(|field| docs::of(field.doc.as_deref(), &field_doc(field)));
        let derives = self.derives(fields, begins_trivially(fields));
        let (default, new) = (self.default(record), self.new_function(record));
        let (write, read) = (write_body(record), self.read_body(record));
        quote! {
            #doc
            #derives
            pub struct #name { #(#docs pub #names: #types,)* }
            #new
            #default
            impl thrift::Wire for #name {
                const TYPE: thrift::Type = thrift::Type::Struct;
                fn write(&self, to: &mut thrift::Writer) -> Result<(), thrift::EncodeError> { #write }
                fn read(from: &mut thrift::Reader<'_>) -> Result<Self, thrift::DecodeError> { #read }
            }
            impl thrift::Struct for #name { const NAME: &'static str = #idl_name; }
        }
    }

    /// What a type with these fields derives.
    pub(super) fn derives(&self, fields: &[Field], default: bool) -> TokenStream {
        let default = default.then(|| quote! { Default, });
        let is_ordered = fields.iter().all(|field| self.known.is_ordered(&field.ty));
        let order = is_ordered.then(|| quote! { Eq, PartialOrd, Ord, Hash });
        quote! { #[derive(Clone, Debug, #default PartialEq, #order)] }
    }

    /// `Default` for a struct whose fields all have a beginning, but not all the one of their type.
    fn default(&self, record: &Record<'_>) -> Option<TokenStream> {
        let Record { name, fields, names, .. } = record;
        if begins_trivially(fields) || fields.iter().any(has_to_be_given) {
            return None;
        }
        let begins = fields.iter().map(|field| self.beginning(field, record.id));
        Some(quote! {
            impl Default for #name {
                fn default() -> Self { Self { #(#names: #begins),* } }
            }
        })
    }

    /// `new`, which takes what has to be given and leaves the rest as it begins.
    fn new_function(&self, record: &Record<'_>) -> Option<TokenStream> {
        let Record { name, fields, names, .. } = record;
        let given = fields.iter().filter(|field| has_to_be_given(field)).count();
        if given == 0 || given == fields.len() || given > MAX_PARAMETERS {
            return None;
        }
        let (mut parameters, mut inits) = (Vec::new(), Vec::new());
        for (field, name) in fields.iter().zip(names) {
            if has_to_be_given(field) {
                let (ty, value) = self.parameter(field, record.id, name);
                parameters.push(quote! { #name: #ty });
                inits.push(value);
            } else {
                let begins = self.beginning(field, record.id);
                inits.push(quote! { #name: #begins });
            }
        }
        Some(quote! {
            impl #name {
                /// Has these required fields; the others are as they begin: absent, or their defaults.
                #[must_use]
                pub fn new(#(#parameters),*) -> Self { Self { #(#inits),* } }
            }
        })
    }

    /// The type of a parameter for a field, and what makes the field of it.
    pub(super) fn parameter(
        &self,
        field: &Field,
        owner: Option<StructId>,
        name: &Ident,
    ) -> (TokenStream, TokenStream) {
        let ty = self.field_type(field, owner);
        let is_text = matches!(self.known.resolved(&field.ty), Type::String | Type::Binary);
        if is_text && field.presence() != Presence::Optional {
            (quote! { impl Into<#ty> }, quote! { #name: #name.into() })
        } else {
            (ty, quote! { #name })
        }
    }

    /// What a field is that nothing was said of.
    fn beginning(&self, field: &Field, owner: Option<StructId>) -> TokenStream {
        let Some(default) = &field.default else { return quote! { None } };
        let value = self.value(&field.ty, default);
        match owner {
            Some(owner) => self.boxed(field, owner, value),
            None => value,
        }
    }

    fn read_body(&self, record: &Record<'_>) -> TokenStream {
        let Record { fields, names, .. } = record;
        if fields.is_empty() {
            return quote! { from.fields(thrift::Reader::skip_field)?; Ok(Self {}) };
        }
        let mut taken = Taken::with(["from", "field"]);
        let locals: Vec<Ident> = fields.iter().map(|field| taken.snake(&field.name)).collect();
        let ids: Vec<TokenStream> = fields.iter().map(|field| int(field.id.into())).collect();
        let idl_names: Vec<&str> = fields.iter().map(|field| &*field.name).collect();
        let inits = fields.iter().enumerate().map(|(at, field)| {
            let (name, local, id, idl_name) = (&names[at], &locals[at], &ids[at], idl_names[at]);
            match (field.presence(), &field.default) {
                (Presence::Required, _) => quote! { #name: from.required(#local, #id, #idl_name)? },
                (Presence::Defaulted, Some(default)) if is_trivial(default) => {
                    quote! { #name: #local.unwrap_or_default() }
                }
                (Presence::Defaulted, Some(default)) => {
                    let value = self.beginning(field, record.id);
                    if is_cheap(default) && !self.is_boxed(field, record.id) {
                        quote! { #name: #local.unwrap_or(#value) }
                    } else {
                        quote! { #name: #local.unwrap_or_else(|| #value) }
                    }
                }
                (Presence::Defaulted | Presence::Optional, _) if name == local => quote! { #name },
                (Presence::Defaulted | Presence::Optional, _) => quote! { #name: #local },
            }
        });
        quote! {
            #(let mut #locals = None;)*
            from.fields(|from, field| {
                match field.id {
                    #(#ids => #locals = Some(from.value(field, #idl_names)?),)*
                    _ => from.skip_field(field)?,
                }
                Ok(())
            })?;
            Ok(Self { #(#inits),* })
        }
    }
}

fn write_body(record: &Record<'_>) -> TokenStream {
    let Record { fields, names, .. } = record;
    if fields.is_empty() {
        return quote! { to.fields(|_| Ok(())) };
    }
    let writes = fields.iter().zip(names).map(|(field, name)| {
        let (id, idl_name) = (int(field.id.into()), &*field.name);
        match field.presence() {
            Presence::Required | Presence::Defaulted => {
                quote! { to.field(#id, #idl_name, &self.#name)?; }
            }
            Presence::Optional => quote! {
                if let Some(value) = &self.#name { to.field(#id, #idl_name, value)?; }
            },
        }
    });
    quote! { to.fields(|to| { #(#writes)* Ok(()) }) }
}

/// Most parameters that a function takes; with more, one loses count.
pub(super) const MAX_PARAMETERS: usize = 6;

/// Whether there is nothing that a field could begin as.
fn has_to_be_given(field: &Field) -> bool {
    field.presence() == Presence::Required && field.default.is_none()
}

/// Whether a struct begins as the `Default` of its fields' types.
fn begins_trivially(fields: &[Field]) -> bool {
    let is_trivial = |field: &Field| field.default.as_ref().map_or(!has_to_be_given(field), is_trivial);
    fields.iter().all(is_trivial)
}

/// Whether a value is the `Default` of its type.
fn is_trivial(value: &Value) -> bool {
    match value {
        Value::Bool(value) => !value,
        Value::I8(number) => *number == 0,
        Value::I16(number) => *number == 0,
        Value::I32(number) => *number == 0,
        Value::I64(number) => *number == 0,
        Value::Double(number) => number.to_bits() == 0,
        Value::String(text) => text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(pairs) => pairs.is_empty(),
        Value::Enum(..) | Value::Struct(..) => false,
    }
}

/// Whether a value takes no work to make.
fn is_cheap(value: &Value) -> bool {
    match value {
        Value::String(_) | Value::List(_) | Value::Map(_) => false,
        Value::Struct(_, fields) => fields.iter().flatten().all(is_cheap),
        Value::Bool(_)
        | Value::I8(_)
        | Value::I16(_)
        | Value::I32(_)
        | Value::I64(_)
        | Value::Double(_)
        | Value::Enum(..) => true,
    }
}

/// What to say of a field that the IDL says nothing of.
pub(super) fn field_doc(field: &Field) -> String {
    let said = match field.presence() {
        Presence::Required => ", required",
        Presence::Defaulted | Presence::Optional => "",
    };
    format!("Field {}, `{}`{said}.", field.id, field.name)
}
