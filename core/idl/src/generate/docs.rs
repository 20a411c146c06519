//! Documentation from comments, in words that neither Markdown nor lints stumble over.

use proc_macro2::TokenStream;
use quote::quote;

/// The documentation of something, from its comment or else from words of our own.
pub(super) fn of(comment: Option<&str>, otherwise: &str) -> TokenStream {
    comment.map_or_else(|| attributes(otherwise), |comment| attributes(&text(comment)))
}

/// Documentation that is Markdown already.
pub(super) fn attributes(markdown: &str) -> TokenStream {
    let lines = markdown.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote! { #(#[doc = #lines])* }
}

/// A comment as Markdown. What is laid out by hand stays as it is, in a block of its own.
fn text(comment: &str) -> String {
    let paragraphs = paragraphs(comment);
    let plain = paragraphs.iter().take_while(|lines| is_prose(lines)).count();
    let (prose, laid_out) = paragraphs.split_at(plain);
    let mut parts: Vec<String> = prose
        .iter()
        .map(|lines| lines.iter().map(|line| escaped(line)).collect::<Vec<_>>().join("\n"))
        .collect();
    if !laid_out.is_empty() {
        let text = laid_out.iter().map(|lines| lines.join("\n")).collect::<Vec<_>>().join("\n\n");
        // Tabs and fences would end the block early, or set a lint off.
        let text = text.replace('\t', "    ").replace("```", "'''");
        parts.push(format!("```text\n{text}\n```"));
    }
    parts.join("\n\n")
}

fn paragraphs(comment: &str) -> Vec<Vec<&str>> {
    let mut paragraphs = vec![Vec::new()];
    for line in comment.lines() {
        match paragraphs.last_mut() {
            Some(last) if !line.trim().is_empty() => last.push(line),
            Some(last) if last.is_empty() => {}
            Some(_) | None => paragraphs.push(Vec::new()),
        }
    }
    paragraphs.retain(|lines| !lines.is_empty());
    paragraphs
}

/// Whether lines flow into each other: none is indented or begins an item of a list.
fn is_prose(lines: &[&str]) -> bool {
    lines.iter().all(|line| {
        let is_item = ["- ", "* ", "+ ", "#", ">", "|", "=", "~"].iter().any(|mark| line.starts_with(mark));
        let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_numbered = number.len() < line.len() && number.starts_with(['.', ')']);
        !line.starts_with([' ', '\t']) && !is_item && !is_numbered && line.trim() != "-"
    })
}

/// A line of prose in which everything but plain words is marked as code.
fn escaped(line: &str) -> String {
    line.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

fn word(word: &str) -> String {
    if word.starts_with("http://") || word.starts_with("https://") {
        let link = word.trim_end_matches(['.', ',', ';', ':', ')']);
        if !link.contains(['<', '>']) {
            return format!("<{link}>{}", &word[link.len()..]);
        }
    }
    let start = word.len() - word.trim_start_matches(LEADING).len();
    let mut core = word[start..].trim_end_matches(TRAILING);
    // The parenthesis of a call is part of its name.
    if core.ends_with('(') && word[start + core.len()..].starts_with(')') {
        core = &word[start..=start + core.len()];
    }
    if core.is_empty() || is_plain(core) {
        let is_safe = !word.contains(['[', ']', '<', '>', '*', '_', '`', '\\', '#', '|', '&', '~']);
        return if is_safe { word.to_owned() } else { code(word) };
    }
    format!("{}{}{}", &word[..start], code(core), &word[start + core.len()..])
}

fn code(word: &str) -> String {
    format!("`{}`", word.replace('`', "'"))
}

/// Whether a word is one of a language, rather than a name or a formula.
fn is_plain(word: &str) -> bool {
    let is_simple = word.chars().all(|c| {
        c.is_alphanumeric() || matches!(c, '\'' | '-' | '/' | '.' | ',' | ':' | '"' | '%' | '\u{2019}')
    });
    let capitals = word.chars().filter(char::is_ascii_uppercase).count();
    let is_mixed = capitals > 1 && word.contains(char::is_lowercase);
    let has_inner_capital =
        word.chars().skip(1).any(|c| c.is_ascii_uppercase()) && word.contains(char::is_lowercase);
    is_simple && !is_mixed && !has_inner_capital && !word.contains("::")
}

const LEADING: [char; 3] = ['(', '"', '\''];
const TRAILING: [char; 9] = [')', '"', '\'', '.', ',', ';', ':', '!', '?'];

#[cfg(test)]
mod tests;
