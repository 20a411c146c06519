//! JSON: typed calls and handlers.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tchannel_rpc::json::{CallError, Context, Failure, JsonError, NotOk};
use tchannel_rpc::{ErrorCode, Origin, Reply, Request};

use super::net::{ENDPOINT, Net, SERVICE, Server, answers, block_on};

async fn answer(context: Context, body: Value) -> Result<Value, Failure> {
    if let Some(said) = context.headers().get("say") {
        context.set_header("said", said);
    }
    match body.as_str() {
        Some("foreseen") => {
            let extra = [("at".to_owned(), json!(3))].into_iter().collect();
            Err(JsonError { extra, ..JsonError::new("moe.foreseen", "as expected") }.into())
        }
        Some("fails") => {
            "x".parse::<u8>()?;
            Ok(Value::Null)
        }
        Some("busy") => Err(Failure::reject(ErrorCode::Busy, "come back later")),
        _ => Ok(body),
    }
}

async fn server(net: &Net) -> Server {
    let server = net.server(answers("raw")).await;
    server.channel.service(SERVICE).unwrap().register_json(ENDPOINT, answer);
    server
}

#[test]
fn p7_values_of_any_shape_arrive_and_absent_headers_are_an_empty_object() {
    block_on(async {
        let net = Net::new();
        let server = server(&net).await;
        let client = net.client(&[&server]);
        for body in [json!({"n": 1, "text": "h\u{e9}llo"}), json!(false), json!(0), json!(""), Value::Null] {
            let answer = client.json(SERVICE, ENDPOINT).body(&body).send::<Value>().await.unwrap();
            assert_eq!((answer.body, answer.headers.len()), (body, 0));
        }
        let request = net.line.requests().remove(0);
        let args: Vec<_> = request.chunks.iter().collect();
        assert_eq!(args, [&b"ask"[..], b"{}", "{\"n\":1,\"text\":\"h\u{e9}llo\"}".as_bytes()]);
        assert_eq!(request.route.headers().get("as"), Some("json"));
        assert_eq!(net.line.responses()[0].chunks.iter().nth(1).unwrap(), &b"{}"[..]);
    });
}

#[test]
fn p7_an_empty_arg2_is_no_headers_and_an_empty_arg3_is_null() {
    block_on(async {
        let net = Net::new();
        let server = server(&net).await;
        let client = net.client(&[&server]);
        let answer = client.call(SERVICE, ENDPOINT).scheme("json").send().await.unwrap();
        assert_eq!((&answer.arg2()[..], &answer.body()[..]), (&b"{}"[..], &b"null"[..]));
        let service = server.channel.service(SERVICE).unwrap();
        service.register_as("json", ENDPOINT, async |_: Request| Ok(Reply::ok("", "")));
        let answer = client.json(SERVICE, ENDPOINT).send::<Option<u8>>().await.unwrap();
        assert_eq!((answer.body, answer.headers.len()), (None, 0));
    });
}

#[test]
fn p7_headers_are_texts_that_go_both_ways() {
    block_on(async {
        let net = Net::new();
        let server = server(&net).await;
        let client = net.client(&[&server]);
        let call = client.json(SERVICE, ENDPOINT).header("say", "this");
        let answer = call.clone().send::<Value>().await.unwrap();
        assert_eq!(answer.headers.get("said"), Some("this"));
        let error = call.body("foreseen").send::<Value>().await.unwrap_err();
        assert!(matches!(&error, CallError::NotOk(answer) if answer.headers.get("said") == Some("this")));
    });
}

#[test]
fn p7_a_foreseen_error_is_an_answer_and_others_are_unexpected() {
    block_on(async {
        let net = Net::new();
        let server = server(&net).await;
        let client = net.client(&[&server]);
        let call = client.json(SERVICE, ENDPOINT).retry_limit(0);
        let ask = |body: &str| call.clone().body(body).send::<Value>();
        let error = ask("foreseen").await.unwrap_err();
        assert_eq!(error.to_string(), "moe.foreseen: as expected");
        let CallError::NotOk(answer) = error else { panic!("{error}") };
        let NotOk::Error(error) = &answer.body else { panic!("{answer:?}") };
        assert_eq!((&*error.kind, &error.extra["at"]), ("moe.foreseen", &json!(3)));
        assert_eq!(answer.response().code().0, 1);

        for (body, code, words) in [
            ("fails", ErrorCode::Unexpected, "unexpected error"),
            ("busy", ErrorCode::Busy, "come back later"),
        ] {
            let CallError::Failed(error) = ask(body).await.unwrap_err() else { panic!("{body}") };
            assert_eq!((error.code(), error.origin(), error.message()), (code, Origin::Remote, words));
        }
    });
}

#[test]
fn p7_what_cannot_be_read_is_a_bad_request_and_what_cannot_be_written_is_not_sent() {
    block_on(async {
        let net = Net::new();
        let server = server(&net).await;
        let client = net.client(&[&server]);
        for (arg2, arg3, words) in
            [("[]", "1", "json parse error: head"), ("{}", "{", "json parse error: body")]
        {
            let call = client.call(SERVICE, ENDPOINT).scheme("json").arg2(arg2).arg3(arg3);
            let error = call.send().await.unwrap_err();
            assert_eq!((error.code(), error.message()), (ErrorCode::BadRequest, words));
        }
        let call = client.json(SERVICE, ENDPOINT).body("text");
        let CallError::Failed(error) = call.send::<u8>().await.unwrap_err() else { panic!("it is a text") };
        assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Local));
        assert!(error.message().starts_with("cannot read the answer of ask: "), "{error}");

        net.line.forget();
        let body = BTreeMap::from([("price", f64::NAN)]);
        let error = client.json(SERVICE, ENDPOINT).body(&body).send::<Value>().await.unwrap_err();
        assert!(matches!(error, CallError::Unwritable(_)), "{error}");
        assert!(net.line.requests().is_empty());
    });
}
