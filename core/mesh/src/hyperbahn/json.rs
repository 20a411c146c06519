//! As much of JSON as routers and their lists need: texts in a list, one number in an object, a text to write.
//!
//! Any valid document is read; what nobody asked for is skipped. Work and memory are bounded by the length of the input.

use alloc::string::String;
use alloc::vec::Vec;
use core::str;

use thiserror::Error;

/// Why a text is not the JSON that was wanted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("expected {expected} at byte {at}")]
pub struct JsonError {
    /// What should have been there.
    pub expected: &'static str,
    /// Bytes before it.
    pub at: usize,
}

/// One entry of a list: a text, or how something else is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry<'a> {
    Text(String),
    Other(&'a str),
}

/// The entries of a document that is an array.
pub(super) fn entries(document: &str) -> Result<Vec<Entry<'_>>, JsonError> {
    let mut reader = Reader::new(document);
    let mut entries = Vec::new();
    reader.start(b'[', "an array")?;
    let mut more = !reader.takes(b']');
    while more {
        entries.push(match reader.peek() {
            Some(b'"') => Entry::Text(reader.text()?),
            _ => Entry::Other(reader.value()?),
        });
        more = reader.goes_on(b']', "`,` or `]`")?;
    }
    reader.end()?;
    Ok(entries)
}

/// The whole number under `key` in a document that is an object; the last one, if there are several.
pub(super) fn count(document: &[u8], key: &str) -> Result<u64, JsonError> {
    let document =
        str::from_utf8(document).map_err(|error| JsonError { expected: "UTF-8", at: error.valid_up_to() })?;
    let mut reader = Reader::new(document);
    let mut found = None;
    reader.start(b'{', "an object")?;
    let mut more = !reader.takes(b'}');
    while more {
        let name = reader.key()?;
        let at = reader.at;
        let value = reader.value()?;
        if name == key {
            found = Some(value.parse().map_err(|_| JsonError { expected: "a count", at })?);
        }
        more = reader.goes_on(b'}', "`,` or `}`")?;
    }
    reader.end()?;
    found.ok_or(JsonError { expected: "a count in the object", at: document.len() })
}

/// Writes a text with its quotes.
pub(super) fn put_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' => {
                let digit = |nibble| char::from_digit(nibble, 16).unwrap_or('0');
                out.push_str("\\u00");
                out.extend([digit(u32::from(c) >> 4), digit(u32::from(c) & 0xf)]);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

struct Reader<'a> {
    document: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(document: &'a str) -> Self {
        Reader { document, at: 0 }
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    fn takes(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn start(&mut self, byte: u8, expected: &'static str) -> Result<(), JsonError> {
        if self.takes(byte) { Ok(()) } else { Err(self.expected(expected)) }
    }

    /// Whether another member follows: a comma was there, and not the end of the list or object.
    fn goes_on(&mut self, end: u8, expected: &'static str) -> Result<bool, JsonError> {
        if self.takes(b',') {
            return Ok(true);
        }
        self.start(end, expected).map(|()| false)
    }

    fn end(&mut self) -> Result<(), JsonError> {
        if self.peek().is_none() { Ok(()) } else { Err(self.expected("the end")) }
    }

    fn key(&mut self) -> Result<String, JsonError> {
        let key = self.text()?;
        self.start(b':', "`:`")?;
        self.peek();
        Ok(key)
    }

    /// Skips one value and gives how it is written.
    fn value(&mut self) -> Result<&'a str, JsonError> {
        self.peek();
        let start = self.at;
        self.skip(MAX_DEPTH)?;
        Ok(&self.document[start..self.at])
    }

    fn skip(&mut self, depth: u8) -> Result<(), JsonError> {
        match self.peek() {
            Some(b'"') => self.text().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            Some(open @ (b'[' | b'{')) => {
                let Some(depth) = depth.checked_sub(1) else {
                    return Err(self.expected("a document less deep"));
                };
                self.at += 1;
                self.members(open == b'{', depth)
            }
            Some(_) | None => Err(self.expected("a value")),
        }
    }

    fn members(&mut self, keyed: bool, depth: u8) -> Result<(), JsonError> {
        let (end, expected) = if keyed { (b'}', "`,` or `}`") } else { (b']', "`,` or `]`") };
        let mut more = !self.takes(end);
        while more {
            if keyed {
                self.key()?;
            }
            self.skip(depth)?;
            more = self.goes_on(end, expected)?;
        }
        Ok(())
    }

    fn word(&mut self, word: &'static str) -> Result<(), JsonError> {
        if self.rest().starts_with(word) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.expected("a value"))
        }
    }

    fn number(&mut self) -> Result<(), JsonError> {
        self.at += usize::from(self.byte() == Some(b'-'));
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        self.at += digits;
        if digits == 0 { Err(self.expected("a digit")) } else { Ok(()) }
    }

    fn text(&mut self) -> Result<String, JsonError> {
        self.start(b'"', "a text")?;
        let mut text = String::new();
        loop {
            let plain =
                self.rest().bytes().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)).count();
            text.push_str(&self.rest()[..plain]);
            self.at += plain;
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(_) | None => return Err(self.expected("`\"`")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        self.at += 1;
        let c = match self.byte() {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            Some(_) | None => return Err(self.expected("an escape")),
        };
        self.at += 1;
        Ok(c)
    }

    /// `uXXXX`, or two of them where one is half a character.
    fn unicode(&mut self) -> Result<char, JsonError> {
        let first = self.unit()?;
        let units = if (0xD800..0xDC00).contains(&first) && self.rest().starts_with("\\u") {
            self.at += 1;
            [first, self.unit()?]
        } else {
            [first, 0]
        };
        match char::decode_utf16(units).next() {
            Some(Ok(c)) => Ok(c),
            Some(Err(_)) | None => Err(self.expected("the other half of a character")),
        }
    }

    fn unit(&mut self) -> Result<u16, JsonError> {
        let digits =
            self.rest().get(1..5).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| self.expected("four hexadecimal digits"))?;
        self.at += 5;
        Ok(unit)
    }

    fn byte(&self) -> Option<u8> {
        self.document.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a str {
        &self.document[self.at..]
    }

    fn expected(&self, expected: &'static str) -> JsonError {
        JsonError { expected, at: self.at }
    }
}

/// How deep lists and objects may lie in each other.
const MAX_DEPTH: u8 = 127;

#[cfg(test)]
mod tests;
