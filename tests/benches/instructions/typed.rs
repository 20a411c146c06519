//! What types add to bytes: a generated client's call beside a raw one of the same bytes, and the codec alone.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use tchannel_rpc::testing::{Network, Shape};
use tchannel_rpc::thrift::{Calls, Context, Failure, decode, decode_reply, encode_reply, encode_request};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::{Builder, Channel, Reply, Request};
use tokio::runtime::Runtime;

use self::code::keyvalue::key_value::{
    self, Client, GetValue, GetValueExceptions, GetValueRequest, Handler, SetValueRequest,
};
use crate::scenario::Scenario;

/// The service of the guide.
mod code {
    include!("../../../adapters/rpc/examples/keyvalue/keyvalue.rs");
}

pub(crate) fn all() -> Vec<Scenario> {
    vec![
        Scenario::new(CODEC, || codec),
        Scenario::new(RAW, || {
            let line = Line::new();
            move || line.raw()
        }),
        Scenario::new(THRIFT, || {
            let line = Line::new();
            let client = Client::new(line.client.thrift(SERVICE).host(line.at));
            move || line.typed(&client)
        }),
    ]
}

/// Of a raw call's instructions, what a generated client's call may cost beyond them and the codec's own.
pub(crate) const MOST: f64 = 0.1;

/// What it does cost; `None` if not all of it was measured.
pub(crate) fn share(instructions: &BTreeMap<&str, f64>) -> Option<f64> {
    let [codec, raw, thrift] = [CODEC, RAW, THRIFT].map(|name| instructions.get(name).copied());
    let raw = raw?;
    Some((thrift? - codec? - raw) / raw)
}

const CODEC: &str = "thrift-codec";
const RAW: &str = "rpc-raw";
const THRIFT: &str = "rpc-thrift";

const SERVICE: &str = "keyvalue";
const KEY: &str = "greeting";
const VALUE: &str = "hello, world";
const ARGUMENTS: &[u8] = b"\x0b\0\x01\0\0\0\x08greeting\0";
const RESULT: &[u8] = b"\x0b\0\0\0\0\0\x0chello, world\0";

/// All that the two sides of a call do with its arguments.
fn codec() {
    let arg3 = encode_request::<GetValue>(&GetValueRequest { key: KEY.into() }).expect("a good request");
    let request: GetValueRequest = decode(&arg3).expect("a good request");
    assert_eq!(request.key, KEY);
    let arg3 = encode_reply::<GetValue>(&Ok(VALUE.into())).expect("a good answer");
    let answer = decode_reply::<GetValue>(&arg3).expect("a good answer");
    assert_eq!(answer, Ok(VALUE.into()));
}

/// A client and a server in one thread, with a network in memory between them.
struct Line {
    runtime: Runtime,
    client: Channel,
    _server: Channel,
    at: SocketAddr,
}

impl Line {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let (client, server, at) = runtime.block_on(async {
            let network = Network::new(Tokio::current().expect("within a runtime"), Shape::default());
            // Under valgrind no handler is quick by the clock.
            let channel =
                |name| Builder::new(network.clone(), name).trust_handlers().build().expect("a name");
            let (client, server) = (channel("client"), channel("server"));
            let mut service = server.service(SERVICE).expect("a name");
            key_value::register(&mut service, &Arc::new(Answers));
            service.register("raw", async |request: Request| {
                assert_eq!(request.body(), ARGUMENTS);
                Ok(Reply::ok(&[0, 0][..], RESULT))
            });
            let at = server.listen("127.0.0.1:0").await.expect("a free port");
            (client, server, at)
        });
        Line { runtime, client, _server: server, at }
    }

    fn typed(&self, client: &Client<Calls>) {
        let value = self.runtime.block_on(client.get_value(KEY).into_future());
        assert_eq!(value.expect("an answer"), VALUE);
    }

    fn raw(&self) {
        let call = self.client.call(SERVICE, "raw").host(self.at).scheme("thrift");
        let call = call.arg2(Bytes::from_static(&[0, 0])).arg3(ARGUMENTS);
        let answer = self.runtime.block_on(call.send()).expect("an answer");
        assert_eq!(answer.body(), RESULT);
    }
}

struct Answers;

impl Handler<Context> for Answers {
    async fn get_value(&self, _: Context, _: GetValueRequest) -> Result<String, Failure<GetValueExceptions>> {
        Ok(VALUE.into())
    }

    async fn set_value(&self, _: Context, _: SetValueRequest) -> Result<(), Failure<Infallible>> {
        Ok(())
    }
}
