//! From tokens to a tree: the parts of a file.

mod cursor;
mod fields;
mod types;
mod values;

use std::sync::Arc;

use self::cursor::Cursor;
use super::lexer::Token;
use super::tree::{Body, Definition, File, Include, Kind, Member, Method, Name, Type};
use crate::{Error, Fault, Position};

/// What went wrong, and where.
type Misread = (Position, Fault);
type Parsed<T> = Result<T, Misread>;

/// Reads a whole file, which is called `file` in errors.
pub(crate) fn parse(file: &Arc<str>, text: &str) -> Result<File, Error> {
    whole(text).map_err(|(at, fault)| Error::new(file, at, fault))
}

fn whole(text: &str) -> Parsed<File> {
    let mut from = Cursor::new(text)?;
    let mut file = File::default();
    while from.token != Token::End {
        let doc = from.doc();
        let start = from.at;
        let keyword = from.name("a definition, such as `struct`")?;
        match keyword.text.as_str() {
            "include" => file.includes.push(include(&mut from, start)?),
            "cpp_include" => from.text("a path in quotes").map(drop)?,
            "namespace" => namespace(&mut from)?,
            legacy if LEGACY_NAMESPACES.contains(&legacy) => namespace_name(&mut from)?,
            _ => file.definitions.push(definition(&mut from, &keyword, doc)?),
        }
        from.separator()?;
    }
    Ok(file)
}

fn include(from: &mut Cursor<'_>, at: Position) -> Parsed<Include> {
    let has_alias = matches!(from.token, Token::Name(_));
    let alias =
        if has_alias { Some(from.plain_name("a name for the file, or its path in quotes")?) } else { None };
    let path = from.text("a path in quotes")?;
    Ok(Include { path, at, alias })
}

fn namespace(from: &mut Cursor<'_>) -> Parsed<()> {
    if !from.take('*')? {
        from.name("a language or `*`")?;
    }
    namespace_name(from)
}

fn namespace_name(from: &mut Cursor<'_>) -> Parsed<()> {
    match &from.token {
        Token::Text(_) => from.bump()?,
        Token::Name(_) => from.word()?,
        Token::Int(_) | Token::Double(_) | Token::Symbol(_) | Token::End => {
            return from.expected("a namespace");
        }
    }
    from.annotations()
}

fn definition(from: &mut Cursor<'_>, keyword: &Name, doc: Option<String>) -> Parsed<Definition> {
    let (name, body) = match keyword.text.as_str() {
        "const" => constant(from)?,
        "typedef" => typedef(from)?,
        "enum" => (from.plain_name("a name for the enum")?, Body::Enum(members(from)?)),
        "senum" => (from.plain_name("a name for the enum of strings")?, texts(from)?),
        "struct" => structure(from, Kind::Struct)?,
        "union" => structure(from, Kind::Union)?,
        "exception" => structure(from, Kind::Exception)?,
        "service" => service(from)?,
        _ => {
            let found = format!("`{}`", super::literal::shown(&keyword.text));
            return Err((keyword.at, Fault::expected(DEFINITION, found)));
        }
    };
    from.annotations()?;
    Ok(Definition { name, doc, body })
}

fn constant(from: &mut Cursor<'_>) -> Parsed<(Name, Body)> {
    let ty = types::ty(from)?;
    let name = from.plain_name("a name for the constant")?;
    from.symbol('=')?;
    let value = values::value(from)?;
    Ok((name, Body::Constant { ty, value }))
}

fn typedef(from: &mut Cursor<'_>) -> Parsed<(Name, Body)> {
    let ty = types::ty(from)?;
    Ok((from.plain_name("a name for the type")?, Body::Typedef(ty)))
}

fn members(from: &mut Cursor<'_>) -> Parsed<Vec<Member>> {
    from.symbol('{')?;
    let mut members = Vec::new();
    while !from.take('}')? {
        let doc = from.doc();
        let name = from.plain_name("a name for a value, or `}`")?;
        let number = if from.take('=')? { Some(from.int("the number of the value")?) } else { None };
        from.annotations()?;
        from.separator()?;
        members.push(Member { name, doc: doc.or_else(|| from.doc_behind()), number });
    }
    Ok(members)
}

/// An enum of strings is a string; what it may hold is not checked by anybody.
fn texts(from: &mut Cursor<'_>) -> Parsed<Body> {
    from.symbol('{')?;
    while !from.take('}')? {
        from.text("a string, or `}`")?;
        from.separator()?;
    }
    Ok(Body::Typedef(Type::String))
}

fn structure(from: &mut Cursor<'_>, kind: Kind) -> Parsed<(Name, Body)> {
    let name = from.plain_name("a name for the type")?;
    from.take_word("xsd_all")?;
    from.symbol('{')?;
    Ok((name, Body::Struct(kind, fields::fields(from, '}')?)))
}

fn service(from: &mut Cursor<'_>) -> Parsed<(Name, Body)> {
    let name = from.plain_name("a name for the service")?;
    let extends = if from.take_word("extends")? { Some(from.name("the name of a service")?) } else { None };
    from.symbol('{')?;
    let mut methods = Vec::new();
    while !from.take('}')? {
        methods.push(method(from)?);
    }
    Ok((name, Body::Service { extends, methods }))
}

fn method(from: &mut Cursor<'_>) -> Parsed<Method> {
    let doc = from.doc();
    let oneway = from.take_word("oneway")?;
    let (oneway, returns) = types::returned(from, oneway)?;
    let name = from.plain_name("a name for the method")?;
    from.symbol('(')?;
    let arguments = fields::fields(from, ')')?;
    let throws = if from.take_word("throws")? {
        from.symbol('(')?;
        fields::fields(from, ')')?
    } else {
        Vec::new()
    };
    from.annotations()?;
    from.separator()?;
    Ok(Method { name, doc: doc.or_else(|| from.doc_behind()), oneway, returns, arguments, throws })
}

const DEFINITION: &str =
    "`include`, `namespace`, `const`, `typedef`, `enum`, `struct`, `union`, `exception` or `service`";

/// How namespaces were written before there was the word `namespace`.
const LEGACY_NAMESPACES: [&str; 11] = [
    "cpp_namespace",
    "php_namespace",
    "py_module",
    "perl_package",
    "ruby_namespace",
    "smalltalk_category",
    "smalltalk_prefix",
    "java_package",
    "cocoa_package",
    "xsd_namespace",
    "csharp_namespace",
];

#[cfg(test)]
mod tests;
