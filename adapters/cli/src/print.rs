//! What is said: values for programs on stdout, words for people on stderr.

use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;

use anstyle::AnsiColor;
use serde_json::Value;

use crate::exit::Exit;

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
    keep(writeln!(io::stdout(), "{line}"));
}

/// Bytes on stdout, as they are.
pub(crate) fn bytes(bytes: &[u8]) {
    let mut out = io::stdout();
    keep(out.write_all(bytes).and_then(|()| out.flush()));
}

/// A line on stdout that says whether all is well; in colour on a terminal.
pub(crate) fn verdict(good: bool, line: &str) {
    let style = if good { AnsiColor::Green } else { AnsiColor::Red }.on_default().bold();
    keep(writeln!(anstream::stdout(), "{style}{}{style:#}", within_a_line(line)));
}

/// Whether the reader of stdout is gone, as in a pipe to `head`: what is still to be said needs not be done.
pub(crate) fn nobody_reads() -> bool {
    FAULT.get().is_some_and(|fault| fault.kind() == ErrorKind::BrokenPipe)
}

/// What to end with: as it went, unless some of stdout is lost though somebody wants it.
pub(crate) fn end(exit: Exit) -> Exit {
    match FAULT.get() {
        Some(fault) if fault.kind() != ErrorKind::BrokenPipe => {
            complain(&format!("cannot write to stdout: {fault}"));
            exit.and(Exit::Local)
        }
        Some(_) | None => exit,
    }
}

fn keep(written: io::Result<()>) {
    if let Err(fault) = written {
        FAULT.get_or_init(|| fault);
    }
}

/// What happened first to stdout.
static FAULT: OnceLock<io::Error> = OnceLock::new();

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
