//! Thrift: generated clients and handlers, and what goes over the line between them.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};

use tchannel_rpc::blocking::Wait;
use tchannel_rpc::thrift::{Bytes, CallError, Context, Error, Failure, Method, meta, reject};
use tchannel_rpc::{Channel, ErrorCode, Origin, Reply, Request};
use tokio::sync::Notify;

use self::code::guide::key_value::{self, Client, GetValueExceptions, SetValueExceptions};
use self::code::guide::{Entry, NotFoundError, ReadOnlyError, Value};
use self::code::shared::{Health, Role, base_service};
use super::net::{LONG, Net, SERVICE, Server, answers, block_on};

/// The service of the guide, and one thing more of each kind.
#[allow(clippy::doc_markdown, reason = "the words are those of the IDL")]
pub(crate) mod code {
    include!("../../core/idl/tests/golden/guide.rs");
}

#[derive(Default)]
struct Store {
    values: Mutex<BTreeMap<String, String>>,
    /// Waited for by who asks for the key `slow`.
    go: Notify,
}

impl Store {
    fn values(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.values.lock().unwrap()
    }
}

impl base_service::Handler<Context> for Store {
    async fn health(
        &self,
        _: Context,
        _: base_service::HealthRequest,
    ) -> Result<Health, Failure<Infallible>> {
        Ok(Health::new(false))
    }
}

impl key_value::Handler<Context> for Store {
    async fn get_value(
        &self,
        context: Context,
        key_value::GetValueRequest { key }: key_value::GetValueRequest,
    ) -> Result<String, Failure<GetValueExceptions>> {
        if let Some(said) = context.headers().get("say") {
            context.set_header("said", said);
        }
        if key == "slow" {
            self.go.notified().await;
        }
        let found = self.values().get(&key).cloned();
        Ok(found.ok_or(NotFoundError { key })?)
    }

    async fn set_value(
        &self,
        _: Context,
        key_value::SetValueRequest { key, value }: key_value::SetValueRequest,
    ) -> Result<(), Failure<SetValueExceptions>> {
        match &*key {
            "fixed" => Err(ReadOnlyError {}.into()),
            "gone" => Err(NotFoundError { key }.into()),
            "" => Err(Failure::unexpected("the disk burns")),
            "busy" => Err(reject(ErrorCode::Busy, "come back later")),
            _ => {
                self.values().insert(key, value);
                self.go.notify_one();
                Ok(())
            }
        }
    }

    async fn entries(
        &self,
        _: Context,
        request: key_value::EntriesRequest,
    ) -> Result<Vec<Entry>, Failure<Infallible>> {
        let entry = |text: &String| Entry {
            changed_at: Some(0),
            owner: request.owner,
            ..Entry::new(Value::Text(text.clone()))
        };
        Ok(self.values().values().map(entry).collect())
    }
}

/// Has a server answer the service of the guide.
pub(crate) fn keep_values(server: &Server) {
    keep_values_on(&server.channel);
}

/// The same for any channel.
pub(crate) fn keep_values_on(channel: &Channel) {
    let mut service = channel.service(SERVICE).unwrap();
    key_value::register(&mut service, &Arc::new(Store::default()));
}

async fn server(net: &Net) -> Server {
    let server = net.server(answers("raw")).await;
    keep_values(&server);
    server
}

#[test]
fn g5_falsy_values_and_exceptions_arrive_as_what_they_are() {
    block_on(async {
        let net = Net::new();
        let server = server(&net).await;
        let client = Client::new(net.client(&[&server]).thrift(SERVICE));
        client.set_value("k", "").await.unwrap();
        assert_eq!(client.get_value("k").await.unwrap(), "");
        assert!(!client.health().await.unwrap().ok);
        assert_eq!(client.entries(Role::User, Some(0), false).await.unwrap()[0].changed_at, Some(0));

        let missing = GetValueExceptions::NotFound(NotFoundError { key: "no".into() });
        let failed = client.get_value("no").await;
        assert!(matches!(&failed, Err(CallError::Exception(thrown)) if *thrown == missing), "{failed:?}");
        let exception = |failed| match failed {
            Err(CallError::Exception(exception)) => exception,
            other => panic!("{other:?}"),
        };
        let fixed = exception(client.set_value("fixed", "v").await);
        assert_eq!(fixed, SetValueExceptions::ReadOnly(ReadOnlyError {}));
        let gone = exception(client.set_value("gone", "v").await);
        assert_eq!(gone, SetValueExceptions::NotFound(NotFoundError { key: "gone".into() }));
        let codes: Vec<_> = net.line.responses().iter().map(|response| response.code.0).collect();
        assert_eq!(codes, [0, 0, 0, 0, 1, 1, 1]);
    });
}

#[test]
fn g5_failures_that_are_not_declared_are_unexpected_and_keep_their_words() {
    block_on(async {
        let net = Net::new();
        let server = server(&net).await;
        let client = Client::new(net.client(&[&server]).thrift(SERVICE).retry_limit(0));
        let said = |failed: Result<(), CallError<SetValueExceptions>>| {
            let error = failed.unwrap_err().failed().expect("a failure of the call").clone();
            (error.code(), error.origin(), error.message().to_owned())
        };
        let burns = said(client.set_value("", "v").await);
        assert_eq!(burns, (ErrorCode::Unexpected, Origin::Remote, "unexpected error".into()));
        let busy = said(client.set_value("busy", "v").await);
        assert_eq!(busy, (ErrorCode::Busy, Origin::Remote, "come back later".into()));
    });
}

#[test]
fn g6_a_struct_of_several_fields_is_a_result() {
    block_on(async {
        let net = Net::new();
        let server = server(&net).await;
        let client = Client::new(net.client(&[&server]).thrift(SERVICE));
        client.set_value("k", "v").await.unwrap();
        let entry =
            Entry { value: Value::Text("v".into()), changed_at: Some(0), owner: Role::Admin, previous: None };
        assert_eq!(client.entries(Role::Admin, None, true).await.unwrap(), [entry]);
    });
}

#[test]
fn g7_a_later_call_may_be_answered_first() {
    block_on(async {
        let net = Net::new();
        let server = server(&net).await;
        let client = Client::new(net.client(&[&server]).thrift(SERVICE).timeout(LONG));
        let slow = client.get_value("slow").send();
        client.set_value("slow", "at last").await.unwrap();
        assert_eq!(slow.await.unwrap().result.unwrap(), "at last");
        let answers = net.line.responses();
        let bodies: Vec<_> = answers.iter().filter_map(|answer| answer.chunks.iter().nth(2)).collect();
        assert_eq!(bodies, [&b"\0"[..], b"\x0b\0\0\0\0\0\x07at last\0"]);
    });
}

#[test]
fn p8_the_bytes_are_those_of_the_specification() {
    block_on(async {
        let net = Net::new();
        let server = server(&net).await;
        let client = Client::new(net.client(&[&server]).thrift(SERVICE));
        client.set_value("k", "v").await.unwrap();
        client.get_value("x").await.unwrap_err();
        let requests = net.line.requests();
        let args = |at: usize| requests[at].chunks.iter().collect::<Vec<_>>();
        let set = &b"\x0b\0\x01\0\0\0\x01k\x0b\0\x02\0\0\0\x01v\0"[..];
        assert_eq!(args(0), [&b"KeyValue::setValue"[..], b"\0\0", set]);
        assert_eq!(args(1), [&b"KeyValue::getValue"[..], b"\0\0", b"\x0b\0\x01\0\0\0\x01x\0"]);
        assert_eq!(requests[0].route.headers().get("as"), Some("thrift"));
        let responses = net.line.responses();
        let args = |at: usize| responses[at].chunks.iter().collect::<Vec<_>>();
        assert_eq!(args(0), [&b""[..], b"\0\0", b"\0"]);
        assert_eq!(args(1), [&b""[..], b"\0\0", b"\x0c\0\x01\x0b\0\x01\0\0\0\x01x\0\0"]);
    });
}

#[test]
fn p8_application_headers_go_both_ways_also_with_an_exception() {
    block_on(async {
        let net = Net::new();
        let server = server(&net).await;
        let calls = net.client(&[&server]).thrift(SERVICE).header("say", "this").header("other", "");
        let client = Client::new(calls);
        let answer = client.get_value("no").send().await.unwrap();
        assert!(answer.result.is_err() && !answer.response().ok());
        assert_eq!(answer.headers.iter().collect::<Vec<_>>(), [("said", "this")]);
        let answer = client.get_value("no").header("say", "that").send().await.unwrap();
        assert_eq!(answer.headers.get("said"), Some("that"));
        let too_long = client.get_value("no").header("long", "x".repeat(70_000)).await.unwrap_err();
        assert!(matches!(too_long, CallError::Headers(_)), "{too_long}");
        assert_eq!(net.line.requests().len(), 2);
    });
}

#[test]
fn p8_what_cannot_be_read_is_a_bad_request_on_either_side() {
    block_on(async {
        let net = Net::new();
        let server = server(&net).await;
        let channel = net.client(&[&server]);
        for (arg2, arg3) in [("\0", "\0"), ("\0\0", "\u{1}"), ("\0\0", "\0")] {
            let call = channel.call(SERVICE, "KeyValue::getValue").scheme("thrift").arg2(arg2).arg3(arg3);
            let error = call.send().await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Remote), "{error}");
        }
        let error = channel.call(SERVICE, "KeyValue::getValue").send().await.unwrap_err();
        assert_eq!(error.message(), "expected arg scheme \"thrift\", got \"raw\"");

        for (arg2, arg3) in [("\0", "\0"), ("\0\0", "\u{1}")] {
            let error = answered(&net, arg2, arg3).await.unwrap_err();
            let error = error.failed().expect("a failure of the call");
            assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Local));
            assert!(error.message().starts_with("cannot read the answer of KeyValue::getValue: "), "{error}");
            assert!(error.peer().is_some());
            assert_eq!(error.attempts(), 1);
        }
    });
}

/// What a client says of an answer of these bytes.
async fn answered(
    net: &Net,
    arg2: &'static str,
    arg3: &'static str,
) -> Result<String, CallError<GetValueExceptions>> {
    let server = net.server(answers("raw")).await;
    server
        .channel
        .service(SERVICE)
        .unwrap()
        .register("KeyValue::getValue", move |_: Request| async move { Ok(Reply::ok(arg2, arg3)) });
    Client::new(net.client(&[&server]).thrift(SERVICE)).get_value("k").await
}

#[test]
fn e16_an_answer_without_a_value_is_no_value() {
    block_on(async {
        let net = Net::new();
        let error = answered(&net, "\0\0", "\0").await.unwrap_err();
        let expected = Error::ValueExpected { endpoint: "KeyValue::getValue".into() };
        assert!(matches!(&error, CallError::Thrift(error) if *error == expected), "{error}");
        assert_eq!(error.to_string(), "expected a value from KeyValue::getValue, got none");

        let error = answered(&net, "\0\0", "\u{c}\0\u{7}\0\0").await.unwrap_err();
        let bytes = Bytes::from_static(&[0]);
        let expected = Error::UnknownException { endpoint: "KeyValue::getValue".into(), id: 7, bytes };
        assert!(matches!(&error, CallError::Thrift(error) if *error == expected), "{error}");
    });
}

/// A method as no generator writes it.
enum Forget {}

impl Method for Forget {
    const SERVICE: &'static str = "KeyValue";
    const NAME: &'static str = "forget";
    const ENDPOINT: &'static str = "KeyValue::forget";
    const ONEWAY: bool = true;
    type Request = meta::NoArgs;
    type Success = ();
    type Exceptions = Infallible;
}

#[test]
fn e12_oneway_methods_are_neither_called_nor_registered() {
    block_on(async {
        let net = Net::new();
        let server = server(&net).await;
        let oneway = Error::OneWayNotSupported { endpoint: Forget::ENDPOINT.into() };
        let client = Client::new(net.client(&[&server]).thrift(SERVICE));
        let refused = client.send::<Forget>(meta::NoArgs).await.unwrap_err();
        assert!(matches!(&refused, CallError::Thrift(error) if *error == oneway), "{refused}");
        assert!(net.line.requests().is_empty());

        let service = server.channel.service(SERVICE).unwrap();
        let refused = service.register_thrift::<Forget, _, _>(async |_, _| Ok(())).err();
        assert_eq!(refused, Some(oneway));
        let channel = net.client(&[&server]);
        let call = channel.call(SERVICE, Forget::ENDPOINT).scheme("thrift");
        assert!(call.send().await.unwrap_err().message().starts_with("no such endpoint"));
    });
}

#[test]
fn t1_options_said_once_are_in_every_call() {
    block_on(async {
        let net = Net::new();
        let (server, other) = (server(&net).await, server(&net).await);
        let calls = net.client(&[&other]).thrift(SERVICE).host(server.at);
        let client = Client::new(calls.transport_headers([("x", "1"), ("as", "json")]).shard_key("s"));
        for _ in 0..3 {
            client.health().await.unwrap();
        }
        let requests = net.line.requests_to(server.at);
        assert_eq!((requests.len(), net.asked(&other)), (3, 0));
        for request in requests {
            let headers = request.route.headers();
            let said = ["as", "x", "sk", "cn"].map(|key| headers.get(key));
            assert_eq!(said, [Some("thrift"), Some("1"), Some("s"), Some("client")]);
        }
    });
}

#[test]
fn t3_building_a_request_sends_nothing_and_it_is_sent_twice() {
    block_on(async {
        let net = Net::new();
        let server = server(&net).await;
        let client = Client::new(net.client(&[&server]).thrift(SERVICE));
        let request = client.set_value("k", "v");
        super::net::settle().await;
        assert!(net.line.frames().is_empty());
        request.clone().await.unwrap();
        request.await.unwrap();
        assert_eq!(net.line.requests().len(), 2);
    });
}

#[test]
fn g8_calls_in_the_context_of_a_request_go_on_in_its_trace() {
    block_on(async {
        let net = Net::new();
        let store = server(&net).await;
        let front = net.server(answers("raw")).await;
        let behind = net.client(&[&store]).thrift(SERVICE).timeout(LONG);
        let service = front.channel.service(SERVICE).unwrap();
        let handler = move |context: Context, request: key_value::GetValueRequest| {
            let client = Client::new(behind.clone().parent(context.child()));
            async move { client.get_value(request.key).await.map_err(Failure::unexpected) }
        };
        service.register_thrift::<key_value::GetValue, _, _>(handler).unwrap();
        let client = Client::new(net.client(&[&front]).thrift(SERVICE));
        Client::new(net.client(&[&store]).thrift(SERVICE)).set_value("k", "v").await.unwrap();
        net.line.forget();
        assert_eq!(client.get_value("k").timeout(LONG / 2).await.unwrap(), "v");
        let requests = net.line.requests();
        let (outer, inner) = (&requests[0], &requests[1]);
        assert_eq!(outer.tracing.trace_id, inner.tracing.trace_id);
        assert_eq!(outer.tracing.span_id, inner.tracing.parent_id);
        assert!(inner.ttl <= outer.ttl, "{} > {}", inner.ttl, outer.ttl);
    });
}

/// No runtime here: both sides are plain threads, and the line between them is a socket.
#[test]
fn y5_on_plain_threads_a_generated_client_gives_the_answers_themselves() {
    let server = tchannel_rpc::blocking::channel("server").unwrap();
    key_value::register(&mut server.service(SERVICE).unwrap(), &Arc::new(Store::default()));
    let at = server.listen("127.0.0.1:0").wait().unwrap();
    let calls = tchannel_rpc::blocking::channel("client").unwrap().thrift(SERVICE).host(at);
    let client = Client::new(calls.clone().blocking());
    client.set_value("k", "v").unwrap();
    assert_eq!(client.get_value("k").unwrap(), "v");
    let missing = GetValueExceptions::NotFound(NotFoundError { key: "no".into() });
    assert!(matches!(client.get_value("no"), Err(CallError::Exception(thrown)) if thrown == missing));
    assert_eq!(Client::new(calls).get_value("k").wait().unwrap(), "v");
}
