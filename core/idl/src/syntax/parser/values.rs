//! Constant values, as they are written.

use super::Parsed;
use super::cursor::Cursor;
use crate::syntax::lexer::Token;
use crate::syntax::tree::{Value, ValueKind};

/// Reads a constant value.
pub(super) fn value(from: &mut Cursor<'_>) -> Parsed<Value> {
    let at = from.at;
    let kind = match &mut from.token {
        Token::Int(number) => ValueKind::Int(*number),
        Token::Double(number) => ValueKind::Double(*number),
        Token::Text(text) => ValueKind::Text(std::mem::take(text)),
        Token::Name(_) => {
            let name = from.name("a value")?;
            return Ok(Value { at, kind: ValueKind::Reference(name.text) });
        }
        Token::Symbol('[') => {
            from.bump()?;
            return Ok(Value { at, kind: ValueKind::List(from.nested(items)?) });
        }
        Token::Symbol('{') => {
            from.bump()?;
            return Ok(Value { at, kind: ValueKind::Map(from.nested(pairs)?) });
        }
        Token::Symbol(_) | Token::End => return from.expected("a value"),
    };
    from.bump()?;
    Ok(Value { at, kind })
}

fn items(from: &mut Cursor<'_>) -> Parsed<Vec<Value>> {
    let mut items = Vec::new();
    while !from.take(']')? {
        items.push(value(from)?);
        from.separator()?;
    }
    Ok(items)
}

fn pairs(from: &mut Cursor<'_>) -> Parsed<Vec<(Value, Value)>> {
    let mut pairs = Vec::new();
    while !from.take('}')? {
        let key = value(from)?;
        from.symbol(':')?;
        pairs.push((key, value(from)?));
        from.separator()?;
    }
    Ok(pairs)
}
