//! What is said: values for programs on stdout, words for people on stderr.

use std::io::{self, Write};

use anstyle::AnsiColor;
use serde_json::Value;

/// A value on a line of its own.
pub(crate) fn value(value: &Value) {
    line(&json(value));
}

/// JSON without characters that terminals obey. JSON itself escapes most of them; the others are escaped here, which
/// means the same.
pub(crate) fn json(value: &Value) -> String {
    let written = value.to_string();
    if !written.contains(char::is_control) {
        return written;
    }
    let escaped = |c: char| if c.is_control() { format!("\\u{:04x}", u32::from(c)) } else { String::from(c) };
    written.chars().map(escaped).collect()
}

/// A line on stdout.
pub(crate) fn line(line: &str) {
    // Nobody reads any more: what is left to do needs no reader.
    let _reader_gone = writeln!(io::stdout(), "{line}");
}

/// Bytes on stdout, as they are.
pub(crate) fn bytes(bytes: &[u8]) {
    let mut out = io::stdout();
    let _reader_gone = out.write_all(bytes).and_then(|()| out.flush());
}

/// A line on stdout that says whether all is well; in colour on a terminal.
pub(crate) fn verdict(good: bool, line: &str) {
    let style = if good { AnsiColor::Green } else { AnsiColor::Red }.on_default().bold();
    let _reader_gone = writeln!(anstream::stdout(), "{style}{}{style:#}", within_a_line(line));
}

/// A sentence for people, on stderr.
pub(crate) fn complain(words: &str) {
    let _reader_gone = writeln!(io::stderr(), "tchannel: {}", plain(words));
}

/// Somebody's words within a line of ours, without characters that terminals obey.
pub(crate) fn within_a_line(words: &str) -> String {
    plain(words).replace('\n', " ")
}

/// Words without characters that terminals obey: peers may have chosen some of them.
fn plain(words: &str) -> String {
    let escaped =
        |c: char| if c.is_control() && c != '\n' { c.escape_default().collect() } else { String::from(c) };
    words.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests;
