//! Fields of structs, arguments and exceptions of methods.

use super::cursor::Cursor;
use super::{Parsed, types, values};
use crate::syntax::lexer::Token;
use crate::syntax::tree::Field;

/// Reads fields up to the symbol that closes them, and that symbol.
pub(super) fn fields(from: &mut Cursor<'_>, close: char) -> Parsed<Vec<Field>> {
    from.nested(|from| {
        let mut fields = Vec::new();
        while !from.take(close)? {
            fields.push(field(from, close)?);
        }
        Ok(fields)
    })
}

fn field(from: &mut Cursor<'_>, close: char) -> Parsed<Field> {
    let doc = from.doc();
    let id = match from.token {
        Token::Int(_) => {
            let id = from.int("the id of a field")?;
            from.symbol(':')?;
            Some(id)
        }
        Token::Name(_) => None,
        Token::Double(_) | Token::Text(_) | Token::Symbol(_) | Token::End => {
            return from.expected(format!("a field, or `{close}`"));
        }
    };
    let required = if from.take_word("required")? {
        Some(true)
    } else if from.take_word("optional")? {
        Some(false)
    } else {
        None
    };
    let ty = types::ty(from)?;
    // A hint for C++ that the value is kept by reference.
    from.take('&')?;
    let name = from.plain_name("a name for the field")?;
    let default = if from.take('=')? { Some(values::value(from)?) } else { None };
    xsd(from)?;
    from.annotations()?;
    from.separator()?;
    Ok(Field { id, required, ty, name, default, doc: doc.or_else(|| from.doc_behind()) })
}

/// Passes over what only XML schemas ask for.
fn xsd(from: &mut Cursor<'_>) -> Parsed<()> {
    from.take_word("xsd_optional")?;
    from.take_word("xsd_nillable")?;
    if from.take_word("xsd_attributes")? {
        from.symbol('{')?;
        fields(from, '}')?;
    }
    Ok(())
}
