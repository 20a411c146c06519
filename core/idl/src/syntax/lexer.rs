//! From characters to tokens.

use super::comments::Comment;
use super::literal::{self, shown};
use crate::{Fault, Position};

/// The smallest piece of a file that means something.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    /// A name, maybe with points in it.
    Name(&'a str),
    Int(i64),
    Double(f64),
    Text(String),
    Symbol(char),
    End,
}

impl Token<'_> {
    /// The token, as a message shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Name(name) => format!("`{}`", shown(name)),
            Self::Int(number) => format!("`{number}`"),
            Self::Double(number) => format!("`{number}`"),
            Self::Text(text) => format!("\"{}\"", shown(text).escape_debug()),
            Self::Symbol(symbol) => format!("`{symbol}`"),
            Self::End => "the end of the file".into(),
        }
    }
}

/// Reads forward over a text.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    rest: &'a str,
    at: Position,
}

type Misread = (Position, Fault);

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text.strip_prefix('\u{feff}').unwrap_or(text), at: Position::START }
    }

    /// Where the next character is.
    pub(super) fn at(&self) -> Position {
        self.at
    }

    /// Reads the next token; where it begins, and the comments in front of it.
    pub(super) fn token(
        &mut self,
        comments: &mut Vec<Comment<'a>>,
    ) -> Result<(Position, Token<'a>), Misread> {
        comments.clear();
        while let Some(comment) = self.comment()? {
            comments.push(comment);
        }
        let at = self.at;
        let misread = |fault| (at, fault);
        let Some(first) = self.rest.chars().next() else { return Ok((at, Token::End)) };
        let token = match first {
            'a'..='z' | 'A'..='Z' | '_' => Token::Name(self.take(is_name_part)),
            '0'..='9' | '.' | '+' | '-' => self.number().map_err(misread)?,
            '"' | '\'' => self.text(first).map_err(misread)?,
            '{' | '}' | '(' | ')' | '[' | ']' | '<' | '>' | ',' | ';' | ':' | '=' | '&' | '*' => {
                self.advance(1);
                Token::Symbol(first)
            }
            other => {
                let expected = "a name, a number, a string or a symbol";
                return Err(misread(Fault::expected(expected, format!("`{}`", other.escape_debug()))));
            }
        };
        Ok((at, token))
    }

    /// Reads the rest of a word that may have dashes in it. Nothing but namespaces has them.
    pub(super) fn rest_of_word(&mut self) {
        self.take(|c| is_name_part(c) || c == '-');
    }

    fn comment(&mut self) -> Result<Option<Comment<'a>>, Misread> {
        self.take(|c| c.is_whitespace() || c == '\u{feff}');
        let first = self.at;
        let text = if self.rest.starts_with("/*") {
            let unclosed = || Fault::expected("`*/` at the end of the comment", "the end of the file");
            let len = self.rest[2..].find("*/").ok_or_else(|| (first, unclosed()))?;
            self.advance(len + "/**/".len())
        } else if self.rest.starts_with("//") || self.rest.starts_with('#') {
            self.take(|c| !matches!(c, '\n' | '\r'))
        } else {
            return Ok(None);
        };
        Ok(Some(Comment { text, first: first.line, last: self.at.line }))
    }

    fn number(&mut self) -> Result<Token<'a>, Fault> {
        let sign = usize::from(self.rest.starts_with(['+', '-']));
        let mut len = sign;
        let bytes = self.rest.as_bytes();
        let is_hex = bytes[sign..].starts_with(b"0x") || bytes[sign..].starts_with(b"0X");
        let part = |at: usize| bytes.get(at).is_some_and(|&byte| is_name_part(byte.into()));
        let signs = |at: usize| bytes.get(at).is_some_and(|byte| matches!(byte, b'+' | b'-'));
        while part(len)
            || (!is_hex && signs(len) && matches!(bytes.get(len.wrapping_sub(1)), Some(b'e' | b'E')))
        {
            len += 1;
        }
        let text = self.advance(len);
        if len == sign {
            return Err(Fault::expected("a number", format!("`{text}`")));
        }
        if !is_hex && text.contains(['.', 'e', 'E']) {
            return literal::double(text).map(Token::Double);
        }
        literal::int(text).map(Token::Int)
    }

    fn text(&mut self, quote: char) -> Result<Token<'a>, Fault> {
        let mut escaped = false;
        let end = self.rest[1..].find(|c| {
            let ends = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let unclosed =
            || Fault::expected(format!("`{quote}` at the end of the string"), "the end of the file");
        let end = end.ok_or_else(unclosed)?;
        let raw = self.advance(end + 2);
        literal::text(&raw[1..=end]).map(Token::Text)
    }

    fn take(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        self.advance(self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len()))
    }

    /// Passes over `len` bytes and gives them.
    fn advance(&mut self, len: usize) -> &'a str {
        let (passed, rest) = self.rest.split_at(len);
        self.rest = rest;
        let mut chars = passed.chars().peekable();
        while let Some(c) = chars.next() {
            let next = chars.peek().copied().or_else(|| rest.chars().next());
            if c == '\n' || (c == '\r' && next != Some('\n')) {
                self.at = Position { line: self.at.line.saturating_add(1), column: 1 };
            } else {
                self.at.column = self.at.column.saturating_add(1);
            }
        }
        passed
    }
}

fn is_name_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.')
}
