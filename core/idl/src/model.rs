//! What an IDL defines, with every name resolved.

mod fields;
mod order;
mod value;

pub use fields::{Field, Fields, Presence, Requiredness};
pub use value::Value;

use std::sync::Arc;

/// Everything that a Thrift file and the files that it includes define.
#[derive(Debug, Default)]
pub struct Definitions {
    /// The files: first the one that was asked for, then what it includes, each once.
    pub files: Vec<File>,
    /// Structs, unions and exceptions of all files.
    pub structs: Vec<Struct>,
    /// Enums of all files.
    pub enums: Vec<Enum>,
    /// Typedefs of all files.
    pub typedefs: Vec<Typedef>,
    /// Constants of all files.
    pub constants: Vec<Constant>,
    /// Services of all files.
    pub services: Vec<Service>,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $id:ident, $list:ident, $what:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $id(pub(crate) usize);

        impl std::ops::Index<$id> for Definitions {
            type Output = $what;

            fn index(&self, id: $id) -> &$what {
                &self.$list[id.0]
            }
        }
    )*};
}

ids! {
    /// Names a file.
    FileId, files, File;
    /// Names a struct, a union or an exception.
    StructId, structs, Struct;
    /// Names an enum.
    EnumId, enums, Enum;
    /// Names a typedef.
    TypedefId, typedefs, Typedef;
    /// Names a constant.
    ConstantId, constants, Constant;
    /// Names a service.
    ServiceId, services, Service;
}

/// A file.
#[derive(Debug)]
pub struct File {
    /// How the parser was told of it, or an include names it: a path relative to where the first file is.
    pub name: Arc<str>,
    /// What is in it.
    pub text: Arc<str>,
    /// Its definitions in their order.
    pub items: Vec<Item>,
}

impl File {
    /// The file's name without directories and ending: what other files know it by.
    pub fn stem(&self) -> &str {
        stem(&self.name)
    }
}

/// The name that an include gives to a file.
pub(crate) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".thrift").unwrap_or(name)
}

/// A definition of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// A struct, a union or an exception.
    Struct(StructId),
    /// An enum.
    Enum(EnumId),
    /// A typedef.
    Typedef(TypedefId),
    /// A constant.
    Constant(ConstantId),
    /// A service.
    Service(ServiceId),
}

/// A struct, a union or an exception.
#[derive(Debug)]
pub struct Struct {
    /// The file that defines it.
    pub file: FileId,
    /// Its name.
    pub name: Arc<str>,
    /// What the file says of it.
    pub doc: Option<String>,
    /// Which of the three it is.
    pub kind: StructKind,
    /// Its fields.
    pub fields: Fields,
    /// Whether its values have an order: no double is in them.
    pub is_ordered: bool,
}

/// A kind of struct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StructKind {
    /// Any of its fields.
    Struct,
    /// Exactly one of its fields.
    Union,
    /// A struct that methods throw.
    Exception,
}

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `bool`
    Bool,
    /// `i8` or `byte`
    I8,
    /// `i16`
    I16,
    /// `i32`
    I32,
    /// `i64`
    I64,
    /// `double`
    Double,
    /// `string`
    String,
    /// `binary`
    Binary,
    /// `list`, of these.
    List(Box<Type>),
    /// `set`, of these.
    Set(Box<Type>),
    /// `map`, from the first to the second.
    Map(Box<(Type, Type)>),
    /// A struct, a union or an exception.
    Struct(StructId),
    /// An enum.
    Enum(EnumId),
    /// Another name for a type.
    Typedef(TypedefId),
}

/// An enum.
#[derive(Debug)]
pub struct Enum {
    /// The file that defines it.
    pub file: FileId,
    /// Its name.
    pub name: Arc<str>,
    /// What the file says of it.
    pub doc: Option<String>,
    /// Its values in their order. Two may have the same number.
    pub members: Vec<Member>,
}

impl Enum {
    /// The number of a value.
    pub fn number(&self, name: &str) -> Option<i32> {
        self.members.iter().find(|member| &*member.name == name).map(|member| member.number)
    }

    /// The first name of a number.
    pub fn name_of(&self, number: i32) -> Option<&str> {
        self.members.iter().find(|member| member.number == number).map(|member| &*member.name)
    }
}

/// A value of an enum.
#[derive(Debug)]
pub struct Member {
    /// Its name.
    pub name: Arc<str>,
    /// What the file says of it.
    pub doc: Option<String>,
    /// Its number.
    pub number: i32,
}

/// Another name for a type.
#[derive(Debug)]
pub struct Typedef {
    /// The file that defines it.
    pub file: FileId,
    /// The name.
    pub name: Arc<str>,
    /// What the file says of it.
    pub doc: Option<String>,
    /// The type.
    pub ty: Type,
}

/// A constant.
#[derive(Debug)]
pub struct Constant {
    /// The file that defines it.
    pub file: FileId,
    /// Its name.
    pub name: Arc<str>,
    /// What the file says of it.
    pub doc: Option<String>,
    /// Its type.
    pub ty: Type,
    /// What it is.
    pub value: Value,
}

/// A service.
#[derive(Debug)]
pub struct Service {
    /// The file that defines it.
    pub file: FileId,
    /// Its name.
    pub name: Arc<str>,
    /// What the file says of it.
    pub doc: Option<String>,
    /// The service whose methods it has, too.
    pub extends: Option<ServiceId>,
    /// Its own methods in their order.
    pub methods: Vec<Method>,
}

/// A method of a service.
#[derive(Debug)]
pub struct Method {
    /// Its name.
    pub name: Arc<str>,
    /// What the file says of it.
    pub doc: Option<String>,
    /// Whether nobody waits for an answer. TChannel has no such calls.
    pub oneway: bool,
    /// What it returns; nothing for void.
    pub returns: Option<Type>,
    /// Its arguments.
    pub arguments: Fields,
    /// The exceptions that it declares.
    pub throws: Fields,
}

impl Definitions {
    /// The type behind typedefs.
    pub fn resolved<'a>(&'a self, mut ty: &'a Type) -> &'a Type {
        while let Type::Typedef(id) = ty {
            ty = &self[*id].ty;
        }
        ty
    }

    /// A service and those that it extends, itself first.
    pub fn lineage(&self, service: ServiceId) -> impl Iterator<Item = ServiceId> {
        std::iter::successors(Some(service), |service| self[*service].extends)
    }
}
