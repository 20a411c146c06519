//! The token that is to be read next, and what may be done with it.

use super::Parsed;
use crate::syntax::MAX_NESTING;
use crate::syntax::comments::{self, Comment};
use crate::syntax::lexer::{Lexer, Token};
use crate::syntax::tree::Name;
use crate::{Fault, Position};

#[derive(Debug)]
pub(super) struct Cursor<'a> {
    lexer: Lexer<'a>,
    pub(super) token: Token<'a>,
    pub(super) at: Position,
    /// The comments in front of the token.
    comments: Vec<Comment<'a>>,
    /// Line on which the token before this one ends; 0 in front of the first.
    previous: u32,
    depth: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Parsed<Self> {
        let mut lexer = Lexer::new(text);
        let mut comments = Vec::new();
        let (at, token) = lexer.token(&mut comments)?;
        Ok(Self { lexer, token, at, comments, previous: 0, depth: 0 })
    }

    /// Goes on to the next token.
    pub(super) fn bump(&mut self) -> Parsed<()> {
        self.previous = self.lexer.at().line;
        (self.at, self.token) = self.lexer.token(&mut self.comments)?;
        Ok(())
    }

    /// The error that something else should be here.
    pub(super) fn expected<T>(&self, what: impl Into<String>) -> Parsed<T> {
        Err((self.at, Fault::expected(what, self.token.shown())))
    }

    /// The documentation of what begins here.
    pub(super) fn doc(&self) -> Option<String> {
        let owned = comments::owned_by_previous(&self.comments, self.previous, self.at.line);
        comments::leading(&self.comments[owned..], self.at.line)
    }

    /// The documentation of what ends here, on the same line.
    pub(super) fn doc_behind(&self) -> Option<String> {
        comments::trailing(&self.comments, self.previous, self.at.line)
    }

    /// Reads a symbol if it is this one.
    pub(super) fn take(&mut self, symbol: char) -> Parsed<bool> {
        let is_here = self.token == Token::Symbol(symbol);
        if is_here {
            self.bump()?;
        }
        Ok(is_here)
    }

    pub(super) fn symbol(&mut self, symbol: char) -> Parsed<()> {
        if self.take(symbol)? { Ok(()) } else { self.expected(format!("`{symbol}`")) }
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.token, Token::Name(name) if name == word)
    }

    /// Reads a word if it is this one.
    pub(super) fn take_word(&mut self, word: &str) -> Parsed<bool> {
        let is_here = self.is_word(word);
        if is_here {
            self.bump()?;
        }
        Ok(is_here)
    }

    /// Reads a name or a reference to one.
    pub(super) fn name(&mut self, what: &str) -> Parsed<Name> {
        let Token::Name(text) = self.token else { return self.expected(what) };
        let at = self.at;
        if text.split('.').any(str::is_empty) {
            return self.expected(format!("{what}, with letters between its points"));
        }
        self.bump()?;
        Ok(Name { text: text.into(), at })
    }

    /// Reads a name that is given to something.
    pub(super) fn plain_name(&mut self, what: &str) -> Parsed<Name> {
        if let Token::Name(name) = self.token
            && name.contains('.')
        {
            return self.expected(format!("{what}, without points"));
        }
        self.name(what)
    }

    /// Reads a string.
    pub(super) fn text(&mut self, what: &str) -> Parsed<String> {
        let Token::Text(text) = &mut self.token else { return self.expected(what) };
        let text = std::mem::take(text);
        self.bump()?;
        Ok(text)
    }

    /// Reads a whole number, and tells where it was.
    pub(super) fn int(&mut self, what: &str) -> Parsed<(i64, Position)> {
        let Token::Int(number) = self.token else { return self.expected(what) };
        let at = self.at;
        self.bump()?;
        Ok((number, at))
    }

    /// Reads a name that may have dashes in it.
    pub(super) fn word(&mut self) -> Parsed<()> {
        // What stands right behind a name that was looked at is what the lexer reads next.
        self.lexer.rest_of_word();
        self.bump()
    }

    /// Reads a `,` or `;` if there is one.
    pub(super) fn separator(&mut self) -> Parsed<()> {
        if !self.take(',')? {
            self.take(';')?;
        }
        Ok(())
    }

    /// Passes over annotations: `(name = "text", other)`.
    pub(super) fn annotations(&mut self) -> Parsed<()> {
        if !self.take('(')? {
            return Ok(());
        }
        while !self.take(')')? {
            self.name("the name of an annotation, or `)`")?;
            if self.take('=')? {
                match self.token {
                    Token::Text(_) | Token::Int(_) | Token::Double(_) | Token::Name(_) => self.bump()?,
                    Token::Symbol(_) | Token::End => return self.expected("a string"),
                }
            }
            self.separator()?;
        }
        Ok(())
    }

    /// Counts one level of nesting for as long as `body` runs.
    pub(super) fn nested<T>(&mut self, body: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == MAX_NESTING {
            return Err((self.at, Fault::Limit { what: "levels of nesting", limit: MAX_NESTING }));
        }
        self.depth += 1;
        let parsed = body(self);
        self.depth -= 1;
        parsed
    }
}
