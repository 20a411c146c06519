//! What a file says, name by name.

use crate::Position;

/// A name, or a reference to one, where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) at: Position,
}

/// A whole file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct File {
    pub(crate) includes: Vec<Include>,
    pub(crate) definitions: Vec<Definition>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Include {
    pub(crate) path: String,
    pub(crate) at: Position,
    /// What the file calls it, if not by its path.
    pub(crate) alias: Option<Name>,
}

/// Something that has a name in a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Definition {
    pub(crate) name: Name,
    pub(crate) doc: Option<String>,
    pub(crate) body: Body,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body {
    Constant { ty: Type, value: Value },
    Typedef(Type),
    Enum(Vec<Member>),
    Struct(Kind, Vec<Field>),
    Service { extends: Option<Name>, methods: Vec<Method> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Struct,
    Union,
    Exception,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) name: Name,
    pub(crate) doc: Option<String>,
    pub(crate) number: Option<(i64, Position)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    pub(crate) id: Option<(i64, Position)>,
    pub(crate) required: Option<bool>,
    pub(crate) ty: Type,
    pub(crate) name: Name,
    pub(crate) default: Option<Value>,
    pub(crate) doc: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Method {
    pub(crate) name: Name,
    pub(crate) doc: Option<String>,
    pub(crate) oneway: bool,
    /// Nothing for void.
    pub(crate) returns: Option<Type>,
    pub(crate) arguments: Vec<Field>,
    pub(crate) throws: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Type {
    Bool,
    I8,
    I16,
    I32,
    I64,
    Double,
    String,
    Binary,
    List(Box<Type>),
    Set(Box<Type>),
    Map(Box<(Type, Type)>),
    Named(Name),
}

/// A constant value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Value {
    pub(crate) at: Position,
    pub(crate) kind: ValueKind,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ValueKind {
    Int(i64),
    Double(f64),
    Text(String),
    Reference(String),
    List(Vec<Value>),
    Map(Vec<(Value, Value)>),
}
