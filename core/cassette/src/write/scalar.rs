//! One value: without quotes, in single or double quotes, or as base64.

use alloc::string::String;
use core::fmt::Write as _;

use data_encoding::BASE64;

use crate::plain;

/// The line that is being written. Columns count from 0; all that is written is ASCII.
pub(super) struct Line<'a> {
    out: &'a mut String,
    column: usize,
    /// Of the lines that a value goes on in.
    indent: usize,
}

impl<'a> Line<'a> {
    /// Begins with a key or a list's dash.
    pub(super) fn begin(out: &'a mut String, before: &str, indent: usize) -> Self {
        out.push_str(before);
        out.push(' ');
        Line { out, column: before.len() + 1, indent }
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.len();
    }

    fn fold(&mut self, breaks: usize) {
        self.out.extend(core::iter::repeat_n('\n', breaks));
        self.out.extend(core::iter::repeat_n(' ', self.indent));
        self.column = self.indent;
    }

    fn is_full(&self) -> bool {
        self.column > WIDTH
    }
}

/// Base64 in a block of its own.
pub(super) fn binary(line: &mut Line<'_>, bytes: &[u8]) {
    if bytes.is_empty() {
        return line.put(r#"!!binary """#);
    }
    line.put("!!binary |");
    for part in bytes.chunks(BINARY_LINE) {
        line.fold(1);
        BASE64.encode_append(part, line.out);
    }
}

/// A text that is read back as the same text.
pub(super) fn text(line: &mut Line<'_>, text: &str) {
    let special = |c: char| !matches!(c, '\n' | ' '..='~');
    if text.contains(special) || text.contains(" \n") || text.contains("\n ") {
        double_quoted(line, text);
    } else if needs_quotes(text) {
        single_quoted(line, text);
    } else {
        plain(line, text);
    }
}

/// Whether a printable text would be taken for something else without quotes.
fn needs_quotes(text: &str) -> bool {
    let followed_by_space = |at: usize| text[at..].is_empty() || text[at..].starts_with(' ');
    let starts_as_indicator = match text.as_bytes() {
        [] => true,
        [first, ..] if b"#,[]{}&*!|>'\"%@`".contains(first) => true,
        [b'?' | b':' | b'-', ..] => followed_by_space(1),
        _ => false,
    };
    starts_as_indicator
        || !plain::is_text(text)
        || text.starts_with("---")
        || text.starts_with("...")
        || text.starts_with(' ')
        || text.ends_with([' ', ':'])
        || text.contains(": ")
        || text.contains(" #")
        || text.contains('\n')
}

fn plain(line: &mut Line<'_>, text: &str) {
    for run in runs(text) {
        if run == " " && line.is_full() {
            line.fold(1);
        } else {
            line.put(run);
        }
    }
}

fn single_quoted(line: &mut Line<'_>, text: &str) {
    line.put("'");
    let mut at = 0;
    for run in runs(text) {
        let is_inside = at > 0 && at + run.len() < text.len();
        at += run.len();
        if run.starts_with('\n') {
            line.fold(run.len() + 1);
        } else if run == " " && is_inside && line.is_full() {
            line.fold(1);
        } else {
            for (index, part) in run.split('\'').enumerate() {
                line.put(if index == 0 { "" } else { "''" });
                line.put(part);
            }
        }
    }
    line.put("'");
}

/// Spaces, line breaks, and what is between them.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let kind = |byte: u8| match byte {
        b' ' | b'\n' => byte,
        _ => b'.',
    };
    text.as_bytes()
        .chunk_by(move |one, next| kind(*one) == kind(*next))
        .map(|run| core::str::from_utf8(run).expect("cut beside ASCII"))
}

fn double_quoted(line: &mut Line<'_>, text: &str) {
    line.put("\"");
    let mut written = 0;
    for (at, c) in text.char_indices() {
        let next = at + c.len_utf8();
        if let Some(escape) = Escape::of(c) {
            line.put(&text[written..at]);
            escape.put(line);
            written = next;
        }
        let may_break = at > 0 && next < text.len() && (c == ' ' || written >= at);
        // Behind an escape the count is one less than the column: so it is counted over there.
        let column = line.column + at.saturating_sub(written) - usize::from(written > at);
        if may_break && column > WIDTH {
            let end = at.max(written);
            line.put(&text[written..end]);
            line.put("\\");
            written = end;
            line.fold(1);
            if text[written..].starts_with(' ') {
                line.put("\\");
            }
        }
    }
    line.put(&text[written..]);
    line.put("\"");
}

/// How a character is written in double quotes when it cannot be written as it is.
enum Escape {
    Short(char),
    Number(u32),
}

impl Escape {
    fn of(c: char) -> Option<Self> {
        Some(match c {
            '"' | '\\' => Escape::Short(c),
            ' '..='~' => return None,
            '\0' => Escape::Short('0'),
            '\x07' => Escape::Short('a'),
            '\x08' => Escape::Short('b'),
            '\t' => Escape::Short('t'),
            '\n' => Escape::Short('n'),
            '\x0b' => Escape::Short('v'),
            '\x0c' => Escape::Short('f'),
            '\r' => Escape::Short('r'),
            '\x1b' => Escape::Short('e'),
            '\u{85}' => Escape::Short('N'),
            '\u{a0}' => Escape::Short('_'),
            '\u{2028}' => Escape::Short('L'),
            '\u{2029}' => Escape::Short('P'),
            other => Escape::Number(u32::from(other)),
        })
    }

    fn put(&self, line: &mut Line<'_>) {
        let before = line.out.len();
        let written = match self {
            Escape::Short(letter) => write!(line.out, "\\{letter}"),
            Escape::Number(code @ ..=0xFF) => write!(line.out, "\\x{code:02X}"),
            Escape::Number(code @ ..=0xFFFF) => write!(line.out, "\\u{code:04X}"),
            Escape::Number(code) => write!(line.out, "\\U{code:08X}"),
        };
        written.expect("a string takes whatever is written to it");
        line.column += line.out.len() - before;
    }
}

/// Columns after which a text goes on in the next line, at the next space.
const WIDTH: usize = 80;
/// Bytes in a line of 76 columns of base64.
const BINARY_LINE: usize = 57;
