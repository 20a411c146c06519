//! The values of numbers and strings.

use crate::Fault;

/// The value of a whole number: decimal (also with leading zeros), or hexadecimal behind `0x`, with a sign or without.
pub(super) fn int(text: &str) -> Result<i64, Fault> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        Some(_) | None => (false, text),
    };
    let (radix, digits) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => (16, digits),
        None => (10, digits),
    };
    // A sign goes in front of the digits: without one, -2^63 could not be read.
    let signed = if negative { format!("-{digits}") } else { digits.to_owned() };
    let is_digit = |digit: char| digit.is_digit(radix);
    let value = digits.starts_with(is_digit).then(|| i64::from_str_radix(&signed, radix).ok()).flatten();
    value.ok_or_else(|| number("a whole number from -2^63 to 2^63 - 1", text))
}

/// The value of a number with a point or an exponent.
pub(super) fn double(text: &str) -> Result<f64, Fault> {
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
    value.ok_or_else(|| number("a number that a double can hold", text))
}

fn number(expected: &str, text: &str) -> Fault {
    Fault::expected(expected, format!("`{}`", shown(text)))
}

/// The value of a string, given without its quotes.
pub(super) fn text(raw: &str) -> Result<String, Fault> {
    let mut value = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => value.push('\n'),
            Some('r') => value.push('\r'),
            Some('t') => value.push('\t'),
            Some('b') => value.push('\u{8}'),
            Some('f') => value.push('\u{c}'),
            Some('v') => value.push('\u{b}'),
            Some('0') => value.push('\0'),
            Some('x') => value.push(coded(chars.by_ref().take(2), 2)?),
            Some('u') => value.push(coded(chars.by_ref().take(4), 4)?),
            Some('\n') => {}
            Some(other) => value.push(other),
            None => return Err(Fault::expected("a character behind `\\`", "the end of the string")),
        }
    }
    Ok(value)
}

fn coded(digits: impl Iterator<Item = char>, len: usize) -> Result<char, Fault> {
    let digits: String = digits.collect();
    let is_hex = digits.len() == len && digits.chars().all(|digit| digit.is_ascii_hexdigit());
    let code = is_hex.then(|| u32::from_str_radix(&digits, 16).ok()).flatten();
    code.and_then(char::from_u32).ok_or_else(|| {
        Fault::expected(format!("{len} hexadecimal digits of a character"), format!("`{digits}`"))
    })
}

/// As much of a text as a message shows.
pub(super) fn shown(text: &str) -> String {
    let mut chars = text.chars();
    let start: String = chars.by_ref().take(MAX_SHOWN).collect();
    if chars.next().is_some() { start + ".." } else { start }
}

/// Characters; enough for any name worth reading.
const MAX_SHOWN: usize = 60;
