//! Cassettes as text: writing, with the line breaks and quotes that tchannel-python's YAML library chooses.

mod scalar;

use alloc::string::String;
use core::fmt::Write as _;

use self::scalar::{Line, binary, text};
use crate::read::VERSION;
use crate::{Blob, Interaction, Request, Response};

/// The whole file.
pub(crate) fn file<'a>(interactions: impl Iterator<Item = &'a Interaction>) -> String {
    let mut interactions = interactions.peekable();
    let mut out = String::from(match interactions.peek() {
        Some(_) => "interactions:\n",
        None => "interactions: []\n",
    });
    for interaction in interactions {
        out.push_str("- request:\n");
        request(&mut out, &interaction.request);
        out.push_str("  response:\n");
        response(&mut out, &interaction.response);
    }
    number(&mut out, "version:", VERSION);
    out
}

fn request(out: &mut String, request: &Request) {
    number(out, "    argScheme:", i64::from(request.scheme.code()));
    blob(out, "    body:", 6, &request.body);
    string(out, "    endpoint:", &request.endpoint);
    blob(out, "    headers:", 6, &request.headers);
    blob(out, "    hostPort:", 6, &request.host_port);
    list(out, "    knownPeers:", &request.known_peers, |out, peer| blob(out, "    -", 6, peer));
    string(out, "    serviceName:", &request.service);
    list(out, "    transportHeaders:", &request.transport_headers, |out, header| {
        blob(out, "    - key:", 8, &header.key);
        blob(out, "      value:", 8, &header.value);
    });
}

fn response(out: &mut String, response: &Response) {
    blob(out, "    body:", 6, &response.body);
    number(out, "    code:", i64::from(!response.ok));
    blob(out, "    headers:", 6, &response.headers);
}

fn number(out: &mut String, before: &str, number: i64) {
    writeln!(out, "{before} {number}").expect("a string takes whatever is written to it");
}

fn list<T>(out: &mut String, before: &str, items: &[T], item: impl Fn(&mut String, &T)) {
    out.push_str(before);
    out.push_str(if items.is_empty() { " []\n" } else { "\n" });
    for each in items {
        item(out, each);
    }
}

fn string(out: &mut String, before: &str, value: &str) {
    match value.len() {
        0..=MAX_TEXT => text(&mut Line::begin(out, before, 6), value),
        _ => binary(&mut Line::begin(out, before, 6), value.as_bytes()),
    }
    out.push('\n');
}

/// `indent`: of the lines that the value goes on in.
fn blob(out: &mut String, before: &str, indent: usize, value: &Blob) {
    let mut line = Line::begin(out, before, indent);
    match value.as_text().filter(|text| text.len() <= MAX_TEXT) {
        Some(value) => text(&mut line, value),
        None => binary(&mut line, value),
    }
    out.push('\n');
}

/// Longest text in bytes: each can become two of the characters of which reading takes 2^18 in one place. What is
/// longer is written as bytes, which readers take for a text too.
const MAX_TEXT: usize = 128 << 10;

#[cfg(test)]
mod tests;
