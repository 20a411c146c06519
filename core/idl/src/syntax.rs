//! From text to a tree: the grammar, without knowing what names mean.

mod comments;
mod lexer;
mod literal;
mod parser;
pub(crate) mod tree;

pub(crate) use parser::parse;

/// Most levels that types and constant values may nest.
pub(crate) const MAX_NESTING: usize = 64;
