//! Cassettes as text: reading.

mod error;
mod fields;
mod tree;

pub use error::{ParseError, Problem};
pub use tree::{MAX_DEPTH, MAX_NODES};

use alloc::vec::Vec;

use self::fields::{Fields, blob, integer, list, text};
use self::tree::{Content, Node};
use crate::{ArgScheme, Interaction, Request, Response, TransportHeader};

/// The interactions of a file; one without any, or without anything, is a good file.
pub(crate) fn interactions(file: &str) -> Result<Vec<Interaction>, ParseError> {
    let root = tree::parse(file)?;
    if root.is_null() {
        return Ok(Vec::new());
    }
    let has_version = check_version(&root)?;
    let mut fields = Fields::of(root, "a cassette", &["interactions", "version"])?;
    match fields.take("interactions") {
        None => Ok(Vec::new()),
        Some(_) if !has_version => Err(fields.missing("version")),
        Some(interactions) => list(interactions, "interactions")?.into_iter().map(interaction).collect(),
    }
}

/// Whether there is a version; comes before all else, which other versions may have changed.
fn check_version(root: &Node) -> Result<bool, ParseError> {
    let Content::Map(pairs) = &root.content else { return Ok(false) };
    let Some((_, node)) = pairs.iter().find(|(key, _)| key == "version") else { return Ok(false) };
    match integer(node, "version")? {
        VERSION => Ok(true),
        other => Err(ParseError { line: node.line, problem: Problem::UnsupportedVersion(other) }),
    }
}

fn interaction(node: Node) -> Result<Interaction, ParseError> {
    let mut fields = Fields::of(node, "an interaction", &["request", "response"])?;
    Ok(Interaction {
        request: request(fields.required("request")?)?,
        response: response(fields.required("response")?)?,
    })
}

fn request(node: Node) -> Result<Request, ParseError> {
    let known = [
        "argScheme",
        "body",
        "endpoint",
        "headers",
        "hostPort",
        "knownPeers",
        "serviceName",
        "transportHeaders",
    ];
    let mut fields = Fields::of(node, "a request", &known)?;
    Ok(Request {
        scheme: scheme(&fields.required("argScheme")?)?,
        body: blob(fields.required("body")?, "body")?,
        endpoint: text(fields.required("endpoint")?, "endpoint")?,
        headers: fields.optional("headers", blob)?,
        host_port: fields.optional("hostPort", blob)?,
        known_peers: fields.optional("knownPeers", |node, name| {
            list(node, name)?.into_iter().map(|peer| blob(peer, "a known peer")).collect()
        })?,
        service: text(fields.required("serviceName")?, "serviceName")?,
        transport_headers: fields.optional("transportHeaders", |node, name| {
            list(node, name)?.into_iter().map(transport_header).collect()
        })?,
    })
}

fn transport_header(node: Node) -> Result<TransportHeader, ParseError> {
    let mut fields = Fields::of(node, "a transport header", &["key", "value"])?;
    Ok(TransportHeader {
        key: blob(fields.required("key")?, "key")?,
        value: blob(fields.required("value")?, "value")?,
    })
}

fn response(node: Node) -> Result<Response, ParseError> {
    let mut fields = Fields::of(node, "a response", &["body", "code", "headers"])?;
    Ok(Response {
        ok: fields.take("code").map_or(Ok(true), |code| is_success(&code))?,
        headers: fields.optional("headers", blob)?,
        body: fields.optional("body", blob)?,
    })
}

fn scheme(node: &Node) -> Result<ArgScheme, ParseError> {
    let code = integer(node, "argScheme")?;
    let found = ArgScheme::ALL.into_iter().find(|scheme| i64::from(scheme.code()) == code);
    found.ok_or(ParseError { line: node.line, problem: Problem::Scheme(code) })
}

/// Whether it says that the application succeeded.
fn is_success(node: &Node) -> Result<bool, ParseError> {
    match integer(node, "code")? {
        0 => Ok(true),
        1 => Ok(false),
        code => Err(ParseError { line: node.line, problem: Problem::Code(code) }),
    }
}

/// The version of the format that is read and written.
pub(crate) const VERSION: i64 = 1;

#[cfg(test)]
mod tests;
