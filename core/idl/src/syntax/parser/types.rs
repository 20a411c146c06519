//! Types, as they are written.

use super::Parsed;
use super::cursor::Cursor;
use crate::syntax::lexer::Token;
use crate::syntax::tree::Type;

/// Reads a type.
pub(super) fn ty(from: &mut Cursor<'_>) -> Parsed<Type> {
    let ty = from.nested(unannotated)?;
    from.annotations()?;
    Ok(ty)
}

/// Reads what a method returns, nothing for void, behind `oneway` or where that word would be.
pub(super) fn returned(from: &mut Cursor<'_>, oneway: bool) -> Parsed<(bool, Option<Type>)> {
    if from.take_word("void")? {
        return Ok((oneway, None));
    }
    let ty = ty(from)?;
    // The old word for `oneway`, which is also a name that a type may have.
    let is_async = matches!(&ty, Type::Named(name) if name.text == "async");
    if is_async && from.take_word("void")? { Ok((true, None)) } else { Ok((oneway, Some(ty))) }
}

fn unannotated(from: &mut Cursor<'_>) -> Parsed<Type> {
    let name = from.name("a type")?;
    Ok(match name.text.as_str() {
        "bool" => Type::Bool,
        "byte" | "i8" => Type::I8,
        "i16" => Type::I16,
        "i32" => Type::I32,
        "i64" => Type::I64,
        "double" => Type::Double,
        "string" | "slist" => Type::String,
        "binary" => Type::Binary,
        "list" => Type::List(Box::new(item(from)?)),
        "set" => Type::Set(Box::new(item(from)?)),
        "map" => {
            cpp_type(from)?;
            from.symbol('<')?;
            let key = ty(from)?;
            from.symbol(',')?;
            let value = ty(from)?;
            from.symbol('>')?;
            cpp_type(from)?;
            Type::Map(Box::new((key, value)))
        }
        "void" => {
            return Err((name.at, crate::Fault::expected("a type", "`void`, which only a method returns")));
        }
        _ => Type::Named(name),
    })
}

fn item(from: &mut Cursor<'_>) -> Parsed<Type> {
    cpp_type(from)?;
    from.symbol('<')?;
    let item = ty(from)?;
    from.symbol('>')?;
    cpp_type(from)?;
    Ok(item)
}

/// Passes over the C++ type of a container.
fn cpp_type(from: &mut Cursor<'_>) -> Parsed<()> {
    if !from.is_word("cpp_type") {
        return Ok(());
    }
    from.bump()?;
    match from.token {
        Token::Text(_) => from.bump(),
        Token::Name(_) | Token::Int(_) | Token::Double(_) | Token::Symbol(_) | Token::End => {
            from.expected("a C++ type in quotes")
        }
    }
}
