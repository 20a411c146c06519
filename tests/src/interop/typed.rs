//! Typed handlers of the endpoints that the reference peers have, too.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use tchannel_rpc::SubChannel;
use tchannel_rpc::json::{self, JsonError};
use tchannel_rpc::thrift::{Context, Failure};

use self::code::typed::shapes::{self, FailExceptions, Handler};
use self::code::typed::{Everything, Inner, Level, NotFoundError, TooManyError};

/// What `tchannel-idl` writes of the files in `tests/peers/idl`.
pub(super) mod code {
    include!(concat!(env!("OUT_DIR"), "/typed.rs"));
    include!(concat!(env!("OUT_DIR"), "/newer.rs"));
    include!(concat!(env!("OUT_DIR"), "/older.rs"));
}

/// Serves what is better done by types than by bytes.
pub fn serve(service: &SubChannel) {
    shapes::register(&mut service.clone(), &Arc::new(Shapes));
    service.register_json("json-echo", json_echo).register_json("json-error", json_error);
}

async fn json_echo(context: json::Context, body: Value) -> Result<Value, json::Failure> {
    for (name, value) in context.headers().iter() {
        context.set_header(name, value.as_str().unwrap_or_default());
    }
    Ok(body)
}

async fn json_error(_: json::Context, body: Value) -> Result<(), json::Failure> {
    let mut error = JsonError::new("interop.json-error", "as asked");
    error.extra.insert("asked".into(), body);
    Err(error.into())
}

/// A value with every field.
pub(super) fn full() -> Everything {
    Everything {
        flag: false,
        small: Some(5),
        middling: Some(-300),
        number: Some(70_000),
        large: Some(-5_000_000_000),
        ratio: Some(0.5),
        text: Some("h\u{e9}llo".into()),
        bytes: Some(Bytes::from_static(&[0, 255])),
        level: Some(Level::High),
        words: Some(vec![String::new(), "two".into()]),
        numbers: Some([1, 2].into()),
        inners: Some([("a".into(), Inner { name: "b".into(), level: Some(Level::Low) })].into()),
        inner: Some(Inner { name: String::new(), level: None }),
    }
}

/// Answers with the headers that came.
struct Shapes;

fn same_headers(context: &Context) {
    context.headers().iter().for_each(|(name, value)| context.set_header(name, value));
}

impl Handler<Context> for Shapes {
    async fn echo(
        &self,
        context: Context,
        request: shapes::EchoRequest,
    ) -> Result<Everything, Failure<Infallible>> {
        same_headers(&context);
        Ok(request.value)
    }

    async fn full(
        &self,
        context: Context,
        _: shapes::FullRequest,
    ) -> Result<Everything, Failure<Infallible>> {
        same_headers(&context);
        Ok(full())
    }

    async fn nothing(&self, _: Context, _: shapes::NothingRequest) -> Result<(), Failure<Infallible>> {
        Ok(())
    }

    async fn fail(
        &self,
        _: Context,
        request: shapes::FailRequest,
    ) -> Result<String, Failure<FailExceptions>> {
        match &*request.how {
            "" => Ok(String::new()),
            "notFound" => Err(NotFoundError { key: "the key".into() }.into()),
            "tooMany" => Err(TooManyError { limit: 0, hint: Some(String::new()) }.into()),
            how => Err(Failure::unexpected(how)),
        }
    }

    async fn words(
        &self,
        _: Context,
        request: shapes::WordsRequest,
    ) -> Result<Vec<String>, Failure<Infallible>> {
        Ok((0..request.count).map(|number| format!("word{number}")).collect())
    }

    async fn no(&self, _: Context, _: shapes::NoRequest) -> Result<bool, Failure<Infallible>> {
        Ok(false)
    }

    async fn zero(&self, _: Context, _: shapes::ZeroRequest) -> Result<i32, Failure<Infallible>> {
        Ok(0)
    }
}
