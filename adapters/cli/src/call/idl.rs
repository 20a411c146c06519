//! From an IDL to the method that is called.

mod directory;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use tchannel_rpc::Outbound;
use tchannel_rpc::idl::Idl;
use tchannel_rpc::idl::dynamic::Method;

use super::codec::Codec;
use crate::exit::{Exit, Failure};

/// A method of a file, or of one of a directory's files.
pub(super) fn from_place(place: &Path, service: &str, endpoint: &str) -> Result<Method, Failure> {
    if place.is_dir() {
        return directory::find(place, service, endpoint);
    }
    let idl = Idl::load(place).map_err(|error| Failure::local(error.to_string()))?;
    method(&idl, &place.display(), endpoint)
}

/// A method of the IDL that the server gives; `ask` is a call to the service that is not for any endpoint yet.
pub(super) async fn from_server(
    ask: impl FnOnce(&str) -> Outbound,
    endpoint: &str,
) -> Result<Method, Failure> {
    let codec = Codec::Thrift(meta("Meta::thriftIDL")?);
    let ask = ask("Meta::thriftIDL").scheme(codec.scheme()).arg2(codec.head(None)?).arg3(codec.body(None)?);
    let failed = |exit, words: &str| Failure::new(exit, format!("no IDL from the server: {words}"));
    let response = ask.send().await.map_err(|error| failed(Exit::of(&error), &error.to_string()))?;
    let answer = codec.answer(&response).map_err(|words| failed(Exit::Local, &words))?;
    if answer.exit != Exit::Ok {
        return Err(failed(answer.exit, &answer.body.to_string()));
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let files: BTreeMap<String, String> = answer.body["idls"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, file)| (name.clone(), text(file)))
        .collect();
    let idl = Idl::parse_files(&text(&answer.body["entryPoint"]), &files)
        .map_err(|error| failed(Exit::Local, &error.to_string()))?;
    method(&idl, &"the server's IDL", endpoint)
}

/// A method of the service that every server has.
pub(super) fn meta(endpoint: &str) -> Result<Method, Failure> {
    let idl = Idl::parse(META).map_err(|error| Failure::local(error.to_string()))?;
    method(&idl, &"Meta", endpoint)
}

fn method(idl: &Idl, place: &dyn std::fmt::Display, endpoint: &str) -> Result<Method, Failure> {
    idl.method(endpoint).map_err(|error| Failure::local(format!("{place}: {error}")))
}

const META: &str = include_str!("meta.thrift");
