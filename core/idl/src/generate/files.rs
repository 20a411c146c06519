//! The Thrift files themselves, as generated code has them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::scope::Scope;
use crate::model::{Definitions, FileId};
use crate::resolve::normal;

/// What a file's module calls its name and text.
pub(super) const IDL: &str = "IDL";

impl Scope<'_> {
    /// All files, that of the scope first.
    pub(super) fn files(&self) -> TokenStream {
        let others = (0..self.known.files.len()).map(FileId).filter(|file| *file != self.file);
        let name = Ident::new(IDL, Span::call_site());
        let files = [self.file].into_iter().chain(others).map(|file| self.path(file, &name));
        quote! { &[#(#files),*] }
    }
}

/// The names by which servers tell of the files, none if there is no service: paths from the directory that has them all,
/// wherever that is on the machine that generates.
pub(super) fn told(known: &Definitions) -> Vec<String> {
    if known.services.is_empty() {
        return Vec::new();
    }
    let paths: Vec<String> = known.files.iter().map(|file| normal(&file.name)).collect();
    let directory = |path: &str| path.rfind('/').map_or(0, |end| end + 1);
    let first = paths.first().map_or("", |path| &path[..directory(path)]);
    let shared = paths.iter().fold(first, |shared, path| {
        let same = shared.bytes().zip(path[..directory(path)].bytes()).take_while(|(a, b)| a == b).count();
        let whole = shared.as_bytes()[..same].iter().rposition(|byte| *byte == b'/');
        &shared[..whole.map_or(0, |end| end + 1)]
    });
    paths.iter().map(|path| path[shared.len()..].to_owned()).collect()
}

/// A printed module with a file's name and text at its end.
pub(super) fn with_text(module: &str, name: &str, text: &str) -> String {
    let (name, text) = (format!("{name:?}"), literal(text));
    let open = module.trim_end().strip_suffix('}').unwrap_or(module).trim_end();
    let doc = "The file itself: the name by which servers tell of it, and its text.";
    format!("{open}\n\n    /// {doc}\n    pub const {IDL}: (&str, &str) = ({name}, {text});\n}}\n")
}

/// A text as Rust writes it, in lines of its own if it can be.
fn literal(text: &str) -> String {
    // Rust takes no lone carriage return in a raw string, and no letters that turn the direction of reading.
    let is_plain = |c: char| c == '\n' || c == '\t' || !c.is_control() && !TURNING.contains(&c);
    if !text.chars().all(is_plain) {
        return format!("{text:?}");
    }
    let ends = |hashes: &str| text.contains(&format!("\"{hashes}"));
    let mut hashes = String::new();
    while ends(&hashes) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}

const TURNING: [char; 9] = [
    '\u{202A}', '\u{202B}', '\u{202C}', '\u{202D}', '\u{202E}', '\u{2066}', '\u{2067}', '\u{2068}',
    '\u{2069}',
];

#[cfg(test)]
mod tests;
