//! Thrift without generated code, and the guide's first steps.

use serde_json::{Value, json};
use tchannel_rpc::idl::{Answer, Client, Idl, RequestError, Thrown};
use tchannel_rpc::thrift::{CallError, Caller, Error, Failure, meta};
use tchannel_rpc::{BuildError, Channel, ErrorCode, ServiceError};

use super::net::{Net, SERVICE, Server, answers, block_on, settle};

/// The service of the guide, with a method that cannot be called.
const GUIDE: &str = "
    exception NotFoundError { 1: required string key }

    service KeyValue {
        string getValue(1: string key) throws (1: NotFoundError notFound)
        void setValue(1: string key, 2: string value)
        oneway void forget(1: string key)
    }";

fn guide() -> Idl {
    Idl::parse(GUIDE).unwrap()
}

/// A server whose `getValue` says these things.
async fn server(
    net: &Net,
    says: impl Fn(&Value) -> Result<Value, Failure<Thrown>> + Send + Sync + 'static,
) -> Server {
    let server = net.server(answers("raw")).await;
    let service = server.channel.service(SERVICE).unwrap();
    let get_value = guide().method("getValue").unwrap();
    service
        .register_idl(&get_value, move |context, arguments| {
            context.set_header("by", "idl");
            let said = says(&arguments["key"]);
            async move { said }
        })
        .unwrap();
    server
}

fn client(channel: &Channel) -> Client {
    channel.thrift(SERVICE).retry_limit(0).idl(&guide().service("KeyValue").unwrap())
}

async fn ask(channel: &Channel, key: &str) -> Result<Answer, CallError<std::convert::Infallible>> {
    client(channel).method("getValue").unwrap().request(&json!({ "key": key })).unwrap().send().await
}

#[test]
fn g1_the_guides_file_is_a_service_of_two_methods() {
    let idl = Idl::parse(include_str!("../peers/idl/keyvalue.thrift")).unwrap();
    let service = idl.service("KeyValue").unwrap();
    assert_eq!(
        service.methods().map(|method| method.name().to_owned()).collect::<Vec<_>>(),
        ["getValue", "setValue"]
    );
    let get_value = service.method("getValue").unwrap();
    let throws = &get_value.descriptor().throws;
    let first = throws.iter().next().map(|field| (field.id, field.name.to_string()));
    assert_eq!((throws.iter().count(), first), (1, Some((1, "notFound".into()))));
    assert!(service.method("setValue").unwrap().descriptor().returns.is_none());
}

#[test]
fn g2_a_channel_needs_a_name_and_nothing_else() {
    block_on(async {
        let refused = tchannel_rpc::tokio::channel("").unwrap_err();
        assert_eq!(refused, BuildError::Name(ServiceError::ServiceNameRequired));
        let net = Net::new();
        let server = net.server(answers("raw")).await;
        let client = net.client(&[&server]);
        let response = client.call(SERVICE, super::net::ENDPOINT).send().await.unwrap();
        assert!(response.ok());
        let connections = client.snapshot();
        let shown = format!("{connections:?}");
        let process = format!("[{}]", std::process::id());
        assert!(shown.contains(&process), "{shown}");
    });
}

#[test]
fn g3_a_method_that_is_not_there_or_is_oneway_is_an_error() {
    block_on(async {
        let net = Net::new();
        let server = server(&net, |_| Ok(json!(""))).await;
        let unknown = guide().service("KeyValue").unwrap().method("getvalue").unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "there is no method of KeyValue `getvalue`; there are `getValue`, `setValue`, `forget`"
        );
        let service = server.channel.service(SERVICE).unwrap();
        let forget = guide().method("KeyValue::forget").unwrap();
        let refused = service.register_idl(&forget, async |_, _| Ok(Value::Null)).err();
        assert_eq!(refused, Some(Error::OneWayNotSupported { endpoint: "KeyValue::forget".into() }));
    });
}

#[test]
fn g4_with_port_zero_the_system_picks_one_and_the_address_says_which() {
    block_on(async {
        let channel = tchannel_rpc::tokio::channel("guide").unwrap();
        assert_eq!(channel.listens_at(), None);
        let at = channel.listen("127.0.0.1:0").await.unwrap();
        assert!(at.port() != 0 && at.ip().is_loopback());
        assert_eq!(channel.listens_at(), Some(at));
        let other = tchannel_rpc::tokio::channel("guide").unwrap();
        let taken = other.listen(at).await.unwrap_err();
        assert!(taken.to_string().contains(&at.to_string()), "{taken}");
    });
}

#[test]
fn g5_without_generated_code_values_and_exceptions_are_the_same() {
    block_on(async {
        let net = Net::new();
        let says =
            |key: &Value| match key.as_str() {
                Some("empty") => Ok(json!("")),
                Some("nothing") => Ok(Value::Null),
                Some("badly") => Err(Failure::unexpected("the disk burns")),
                _ => Err(Thrown { name: "notFound".into(), ty: String::new(), value: json!({ "key": key }) }
                    .into()),
            };
        let server = server(&net, says).await;
        let channel = net.client(&[&server]);
        let answer = ask(&channel, "empty").await.unwrap();
        assert_eq!((answer.result, answer.headers.get("by")), (Ok(json!("")), Some("idl")));
        let answer = ask(&channel, "k").await.unwrap();
        let thrown =
            Thrown { name: "notFound".into(), ty: "NotFoundError".into(), value: json!({ "key": "k" }) };
        assert_eq!((answer.response().code().0, answer.result), (1, Err(thrown)));
        // A handler that gives nothing where something is declared, and one that fails.
        for key in ["nothing", "badly"] {
            let error = ask(&channel, key).await.unwrap_err();
            assert_eq!(error.failed().map(tchannel_rpc::CallError::code), Some(ErrorCode::Unexpected));
        }
        let garbage = channel.call(SERVICE, "KeyValue::getValue").scheme("thrift").arg2("\0\0").arg3("x");
        assert_eq!(garbage.send().await.unwrap_err().code(), ErrorCode::BadRequest);
    });
}

#[test]
fn t2_a_method_that_is_unknown_or_oneway_is_an_error_before_any_call() {
    block_on(async {
        let net = Net::new();
        let server = server(&net, |_| Ok(json!(""))).await;
        let channel = net.client(&[&server]);
        let client = client(&channel);
        assert_eq!(client.method("get").unwrap_err().name, "get");
        let forget = client.method("forget").unwrap().request(&json!({ "key": "k" })).unwrap_err();
        assert!(matches!(forget, RequestError::NotCallable(Error::OneWayNotSupported { .. })), "{forget}");
        settle().await;
        assert!(net.line.frames().is_empty());
    });
}

#[test]
fn t3_a_request_of_json_values_is_built_without_a_call_and_sent_twice() {
    block_on(async {
        let net = Net::new();
        let server = server(&net, |key| Ok(key.clone())).await;
        let channel = net.client(&[&server]);
        let get_value = client(&channel).method("getValue").unwrap();
        for arguments in [json!({}), json!({ "key": 1 }), json!({ "key": "k", "more": 1 })] {
            let refused = get_value.request(&arguments).unwrap_err();
            assert!(refused.to_string().starts_with("KeyValue::getValue: "), "{refused}");
        }
        let request = get_value.request(&json!({ "key": "k" })).unwrap().header("h", "1");
        settle().await;
        assert!(net.line.frames().is_empty());
        assert_eq!(request.clone().await.unwrap(), "k");
        assert_eq!(request.await.unwrap(), "k");
        let requests = net.line.requests();
        let args = requests.iter().map(|request| request.chunks.iter().collect::<Vec<_>>());
        let expected = [&b"KeyValue::getValue"[..], b"\0\x01\0\x01h\0\x011", b"\x0b\0\x01\0\0\0\x01k\0"];
        assert_eq!(args.collect::<Vec<_>>(), [expected, expected]);
    });
}

#[test]
fn the_files_that_a_server_tells_are_those_that_its_client_can_use() {
    block_on(async {
        let net = Net::new();
        let server = server(&net, |key| Ok(key.clone())).await;
        server.channel.service(SERVICE).unwrap().thrift_idl("guide.thrift", [("guide.thrift", GUIDE)]);
        let channel = net.client(&[&server]);
        let told = channel.thrift(SERVICE).call::<meta::ThriftIdl>(meta::NoArgs).await.unwrap();
        let idl = Idl::parse_files(&told.entry_point, &told.idls).unwrap();
        let keyvalue = channel.thrift(SERVICE).idl(&idl.service("KeyValue").unwrap());
        let request = keyvalue.method("getValue").unwrap().request(&json!({ "key": "k" })).unwrap();
        assert_eq!(request.await.unwrap(), "k");
    });
}
