//! YAML as a tree of bounded depth and size.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::Cell;
use core::str::Chars;

use saphyr_parser::{self as parser, BufferedInput, Event, Parser, ScalarStyle, Span};

use super::error::{ParseError, Problem, shown};
use crate::plain;

/// Deepest nesting that is read. The lists in a cassette's requests are at level 5, the maps in them at 6.
pub const MAX_DEPTH: usize = 16;
/// Most keys and values of a file that are read: about 26,000 interactions, and 100 MB of memory beside their bytes.
pub const MAX_NODES: usize = 1 << 20;
/// Most characters with a meaning to YAML between two events: the parser looks ahead to the end of a list or map in
/// brackets, and keeps up to 500 bytes for each of them, 130 MB in all. Writing keeps within it.
pub(super) const MAX_INDICATORS: usize = 1 << 18;

/// A value, and the line it begins in.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

#[derive(Debug)]
pub(super) struct Scalar {
    pub(super) text: String,
    pub(super) tag: Tag,
    /// Written without quotes.
    pub(super) is_plain: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    None,
    Str,
    Binary,
}

impl Node {
    /// Whether it stands for nothing.
    pub(super) fn is_null(&self) -> bool {
        match &self.content {
            Content::Scalar(scalar) => {
                scalar.is_plain && scalar.tag == Tag::None && plain::is_null(&scalar.text)
            }
            Content::List(_) | Content::Map(_) => false,
        }
    }
}

/// The one document of a text. A text without any is a document that says nothing.
pub(super) fn parse(text: &str) -> Result<Node, ParseError> {
    if let Some(at) = text.find(AMBIGUOUS_BREAKS) {
        let found = text[at..].chars().next().expect("it was found there");
        let line = 1 + text[..at].bytes().filter(|byte| *byte == b'\n').count();
        return Err(ParseError { line, problem: Problem::AmbiguousBreak(found) });
    }
    let indicators = Cell::new(0);
    let characters = Counted { characters: text.chars(), indicators: &indicators };
    let mut reader = Reader { parser: Parser::new_from_iter(characters), indicators: &indicators, nodes: 0 };
    reader.document()
}

/// Characters of a text, which end when too many of them have a meaning.
struct Counted<'a> {
    characters: Chars<'a>,
    indicators: &'a Cell<usize>,
}

impl Iterator for Counted<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let next = self.characters.next()?;
        if INDICATORS.contains(&next) {
            self.indicators.set(self.indicators.get() + 1);
        }
        (self.indicators.get() <= MAX_INDICATORS).then_some(next)
    }
}

struct Reader<'a> {
    parser: Parser<'a, BufferedInput<Counted<'a>>>,
    indicators: &'a Cell<usize>,
    nodes: usize,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Node, ParseError> {
        let mut root = None;
        loop {
            let (event, span) = self.event()?;
            let line = span.start.line();
            match event {
                Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
                Event::DocumentStart(_) if root.is_none() => {
                    let first = self.event()?;
                    root = Some(self.node(first, 0)?);
                }
                Event::DocumentStart(_) => return Err(ParseError { line, problem: Problem::SecondDocument }),
                Event::StreamEnd => break,
                Event::Alias(_)
                | Event::Scalar(..)
                | Event::SequenceStart(..)
                | Event::SequenceEnd
                | Event::MappingStart(..)
                | Event::MappingEnd => return Err(misplaced(line)),
            }
        }
        let nothing = Scalar { text: String::new(), tag: Tag::None, is_plain: true };
        Ok(root.unwrap_or(Node { line: 1, content: Content::Scalar(nothing) }))
    }

    /// The value that an event begins, `depth` lists and maps below the document.
    fn node(&mut self, (event, span): (Event<'a>, Span), depth: usize) -> Result<Node, ParseError> {
        let line = span.start.line();
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(ParseError { line, problem: Problem::TooLong });
        }
        if depth > MAX_DEPTH {
            return Err(ParseError { line, problem: Problem::TooDeep });
        }
        let content = match event {
            Event::Scalar(text, style, 0, tag) => {
                let tag = tag.map_or(Ok(Tag::None), |tag| known(&tag, line))?;
                let is_plain = matches!(style, ScalarStyle::Plain);
                Content::Scalar(Scalar { text: text.into_owned(), tag, is_plain })
            }
            Event::SequenceStart(0, None) => Content::List(self.list(depth + 1)?),
            Event::MappingStart(0, None) => Content::Map(self.map(depth + 1)?),
            Event::SequenceStart(0, Some(tag)) | Event::MappingStart(0, Some(tag)) => {
                return Err(unknown(&tag, line));
            }
            Event::Alias(_) | Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) => {
                return Err(ParseError { line, problem: Problem::Alias });
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => return Err(misplaced(line)),
        };
        Ok(Node { line, content })
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, ParseError> {
        let mut nodes = Vec::new();
        loop {
            let next = self.event()?;
            if next.0 == Event::SequenceEnd {
                return Ok(nodes);
            }
            nodes.push(self.node(next, depth)?);
        }
    }

    fn map(&mut self, depth: usize) -> Result<Vec<(String, Node)>, ParseError> {
        let mut pairs = Vec::new();
        loop {
            let next = self.event()?;
            if next.0 == Event::MappingEnd {
                return Ok(pairs);
            }
            let key = self.node(next, depth)?;
            let line = key.line;
            let Content::Scalar(Scalar { text, tag: Tag::None | Tag::Str, .. }) = key.content else {
                return Err(ParseError {
                    line,
                    problem: Problem::Expected { name: "a key", wanted: "text" },
                });
            };
            let value = self.event()?;
            pairs.push((text, self.node(value, depth)?));
        }
    }

    fn event(&mut self) -> Result<(Event<'a>, Span), ParseError> {
        let event = self.parser.next_event();
        if self.indicators.get() > MAX_INDICATORS {
            let line = match &event {
                Some(Ok((_, span))) => span.start.line(),
                Some(Err(error)) => error.marker().line(),
                None => 1,
            };
            return Err(ParseError { line, problem: Problem::TooLong });
        }
        self.indicators.set(0);
        match event {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let problem = Problem::Yaml(error.info().to_string());
                Err(ParseError { line: error.marker().line(), problem })
            }
            None => Err(misplaced(1)),
        }
    }
}

fn known(tag: &parser::Tag, line: usize) -> Result<Tag, ParseError> {
    match name(tag).strip_prefix(CORE_TAGS) {
        Some("binary") => Ok(Tag::Binary),
        Some("str" | "python/str" | "python/unicode") => Ok(Tag::Str),
        Some(_) | None => Err(unknown(tag, line)),
    }
}

fn unknown(tag: &parser::Tag, line: usize) -> ParseError {
    let name = name(tag).replacen(CORE_TAGS, "!!", 1);
    ParseError { line, problem: Problem::Tag(shown(&name)) }
}

fn name(tag: &parser::Tag) -> String {
    format!("{}{}", tag.handle, tag.suffix)
}

fn misplaced(line: usize) -> ParseError {
    ParseError { line, problem: Problem::Yaml("it ends in the middle".to_string()) }
}

/// What `!!` stands for.
const CORE_TAGS: &str = "tag:yaml.org,2002:";
/// Line breaks in YAML 1.1, characters like any other in YAML 1.2.
const AMBIGUOUS_BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// Only these make the parser see more than one thing in a line.
const INDICATORS: [char; 15] = [',', '[', ']', '{', '}', ':', '?', '&', '*', '!', '\'', '"', '|', '>', '#'];
