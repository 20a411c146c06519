//! What servers do with calls: handlers, answers, and the lack of them.

use std::future::pending;
use std::str::FromStr;
use std::time::Duration;

use tchannel_rpc::wire::{Message, NO_MESSAGE, init_keys, put_init};
use tchannel_rpc::{
    BytesMut, ErrorCode, Origin, Reject, Reply, Request, Responder, ResponseCode, StreamedRequest,
};

use super::line::By;
use super::net::{ENDPOINT, LONG, Net, SERVICE, Server, answers, block_on, echoes, hangs, settle};

#[test]
fn p9_calls_are_routed_by_service_and_endpoint() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("moe ask")).await;
        server.channel.service(SERVICE).unwrap().register("tell", answers("moe tell"));
        server.channel.service("larry").unwrap().register(ENDPOINT, answers("larry ask"));
        let client = net.client(&[&server]);
        for (service, endpoint, text) in
            [(SERVICE, ENDPOINT, "moe ask"), (SERVICE, "tell", "moe tell"), ("larry", ENDPOINT, "larry ask")]
        {
            assert_eq!(client.call(service, endpoint).send().await.unwrap().body(), text);
        }
        for (service, endpoint) in [("larry", "tell"), ("larry", ""), (SERVICE, "ASK"), (SERVICE, "ask ")] {
            let error = client.call(service, endpoint).send().await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Remote));
        }
    });
}

#[test]
fn p9_a_second_registration_replaces_the_first() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("first")).await;
        let client = net.client(&[&server]);
        let ask = || client.call(SERVICE, ENDPOINT).send();
        assert_eq!(ask().await.unwrap().body(), "first");
        let moe = server.channel.service(SERVICE).unwrap();
        moe.register(ENDPOINT, answers("second"));
        assert_eq!(ask().await.unwrap().body(), "second");
        moe.register_as("json", ENDPOINT, answers("third"));
        assert_eq!(ask().await.unwrap_err().message(), "expected arg scheme \"json\", got \"raw\"");
        assert_eq!(client.call(SERVICE, ENDPOINT).scheme("json").send().await.unwrap().body(), "third");
    });
}

#[test]
fn p9_a_fallback_takes_any_scheme() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("known")).await;
        let scheme =
            |request: Request| async move { Ok(Reply::ok("", request.scheme().as_str().to_owned())) };
        server.channel.service(SERVICE).unwrap().fallback(scheme);
        let client = net.client(&[&server]);
        for scheme in ["raw", "json", "thrift", "sthrift", "http", "of-my-own"] {
            assert_eq!(client.call(SERVICE, "nothing").scheme(scheme).send().await.unwrap().body(), scheme);
        }
        assert_eq!(client.call(SERVICE, ENDPOINT).send().await.unwrap().body(), "known");
    });
}

#[test]
fn c18_unknown_endpoints_go_to_the_services_fallback_then_to_the_channels() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("known")).await;
        server.channel.service("larry").unwrap().register(ENDPOINT, answers("known"));
        server.channel.fallback(answers("of the channel"));
        server.channel.service(SERVICE).unwrap().fallback(answers("of the service"));
        let client = net.client(&[&server]);
        let ask = |service| client.call(service, "nothing").send();
        assert_eq!(ask(SERVICE).await.unwrap().body(), "of the service");
        assert_eq!(ask("larry").await.unwrap().body(), "of the channel");
        assert_eq!(ask("curly").await.unwrap_err().message(), "unknown service curly");
        server.channel.fallback(answers("another"));
        assert_eq!(ask("larry").await.unwrap().body(), "another");
    });
}

#[test]
fn s5_endpoints_are_registered_by_name_whole_or_streamed() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("whole")).await;
        let moe = server.channel.service(SERVICE).unwrap();
        moe.register_streamed("streamed", |_: StreamedRequest, responder: Responder| async move {
            responder.reply(Reply::ok("", "streamed"));
            Ok(())
        });
        moe.register(b"\0\xFF", answers("bytes")).register("", answers("empty"));
        let client = net.client(&[&server]);
        let ask = |endpoint: &[u8]| client.call(SERVICE, endpoint).send();
        assert_eq!(ask(ENDPOINT.as_bytes()).await.unwrap().body(), "whole");
        assert_eq!(ask(b"streamed").await.unwrap().body(), "streamed");
        assert_eq!(ask(b"\0\xFF").await.unwrap().body(), "bytes");
        assert_eq!(ask(b"").await.unwrap().body(), "empty");
    });
}

#[test]
fn s7_ok_and_not_ok_carry_both_arguments_and_are_given_once() {
    block_on(async {
        let net = Net::new();
        let server = net.server(|request: Request| async move {
            let args = request.into_args();
            let ok = args.arg2 == "ok";
            let body = args.body();
            Ok(if ok { Reply::ok("fine", body) } else { Reply::not_ok("bad", body) })
        });
        let server = server.await;
        let client = net.client(&[&server]);
        for (head, ok, said) in [("ok", true, "fine"), ("no", false, "bad")] {
            let answer = client.call(SERVICE, ENDPOINT).arg2(head).arg3("body").send().await.unwrap();
            assert_eq!((answer.ok(), answer.arg2(), answer.body()), (ok, &said.into(), "body".into()));
            let code = if ok { ResponseCode::OK } else { ResponseCode::NOT_OK };
            assert_eq!(net.line.responses().pop().unwrap().code, code);
        }
        settle().await;
        assert_eq!((net.line.responses().len(), net.line.errors().len()), (2, 0));
    });
}

/// A server that refuses with the code that is named in the body.
async fn naming(net: &Net) -> Server {
    net.server(|request: Request| async move {
        let name = String::from_utf8(request.body().to_vec())?;
        let code = ErrorCode::from_str(&name).unwrap_or(ErrorCode::Unexpected);
        Err::<Reply, _>(Reject::new(code, format!("{name} it is")))
    })
    .await
}

#[test]
fn s8_each_name_gives_its_byte() {
    let names = [
        ("Timeout", 1),
        ("Cancelled", 2),
        ("Busy", 3),
        ("Declined", 4),
        ("UnexpectedError", 5),
        ("BadRequest", 6),
        ("NetworkError", 7),
        ("Unhealthy", 8),
        ("UnHealthy", 8),
        ("ProtocolError", 0xFF),
        ("no such name", 5),
    ];
    block_on(async {
        let net = Net::new();
        let server = naming(&net).await;
        let client = net.client(&[]);
        for (name, byte) in names {
            let call = client.call(SERVICE, ENDPOINT).host(server.at).arg3(name);
            let error = call.send().await.unwrap_err();
            assert_eq!(error.message(), format!("{name} it is"));
            let (id, frame) = net.line.errors().pop().unwrap();
            assert_eq!((frame.code.byte(), error.code().byte()), (byte, byte), "{name}");
            assert_ne!(id, NO_MESSAGE);
        }
        assert_eq!(net.line.network().connects(), 1);
    });
}

#[test]
fn s8_a_protocol_error_goes_to_a_go_peer_as_unexpected() {
    for (language, byte) in [("go", 5), ("java", 5), ("", 5), ("node", 0xFF), ("python", 0xFF)] {
        block_on(async {
            let net = Net::new();
            let server = naming(&net).await;
            let client = net.client(&[]);
            net.line.tamper(move |seen, bytes| {
                let Message::InitReq(init) = &seen.message else { return bytes };
                let pairs = init
                    .headers
                    .iter()
                    .map(|(key, value)| (key, if key == init_keys::LANGUAGE { language } else { value }));
                let pairs: Vec<_> = pairs.filter(|(_, value)| !value.is_empty()).collect();
                let mut other = BytesMut::new();
                let kind = seen.message.frame_type();
                put_init(&mut other, kind, seen.id, init.version, &pairs).expect("it can be written");
                other
            });
            let call = client.call(SERVICE, ENDPOINT).host(server.at).arg3("ProtocolError");
            let error = call.send().await.unwrap_err();
            assert_eq!(error.message(), "ProtocolError it is");
            assert_eq!(net.line.errors().pop().unwrap().1.code.byte(), byte, "{language:?}");
        });
    }
}

#[test]
fn s9_an_unknown_service_is_a_bad_request_that_names_it() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = net.client(&[&server]);
        let error = client.call("nobody", ENDPOINT).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Remote));
        assert_eq!(error.message(), "unknown service nobody");
        assert_eq!(net.line.errors().pop().unwrap().1.code.byte(), 6);
    });
}

#[test]
fn s10_a_draining_server_declines_and_says_why() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        server.channel.service(SERVICE).unwrap().register("hang", hangs);
        let client = net.client(&[&server]);
        let held = client.call(SERVICE, "hang").timeout(LONG).send();
        settle().await;
        // The client does not hear of it: it calls on.
        net.line.tamper(|seen, bytes| if seen.id == NO_MESSAGE { BytesMut::new() } else { bytes });
        let drained = server.channel.drain(LONG);
        settle().await;
        let (id, notice) = net.line.errors().pop().unwrap();
        assert_eq!((id, notice.code), (NO_MESSAGE, ErrorCode::Declined));
        let reason = notice.text().strip_prefix("draining: ").unwrap().to_owned();

        let error = client.call(SERVICE, ENDPOINT).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Declined, Origin::Remote));
        assert_eq!(error.message(), format!("connection draining: {reason}"));
        drop(held);
        assert_eq!(drained.await.cut, 0);
    });
}

#[test]
fn s10_a_server_that_drains_is_left_for_another() {
    block_on(async {
        let net = Net::new();
        let draining = net.server(answers("draining")).await;
        draining.channel.service(SERVICE).unwrap().register("hang", hangs);
        let other = net.server(answers("other")).await;
        let client = net.ordered(&[&draining, &other]);
        let held = client.call(SERVICE, "hang").timeout(LONG).send();
        settle().await;
        let drained = draining.channel.drain(LONG);
        settle().await;
        for _ in 0..5 {
            assert_eq!(client.call(SERVICE, ENDPOINT).send().await.unwrap().body(), "other");
        }
        drop(held);
        drained.await;
    });
}

#[test]
fn s10_over_a_draining_connection_nothing_is_sent() {
    block_on(async {
        let net = Net::new();
        let (sender, mut kept) = tokio::sync::mpsc::unbounded_channel();
        let server = net.server(move |request: Request| {
            sender.send(request.connection()).unwrap();
            hangs(request)
        });
        let server = server.await;
        let client = net.client(&[&server]);
        client.service("client").unwrap().register(ENDPOINT, answers("back"));
        let held = client.call(SERVICE, ENDPOINT).timeout(LONG).send();
        let connection = kept.recv().await.unwrap();
        let back = connection.call("client", ENDPOINT);
        assert_eq!(back.clone().send().await.unwrap().body(), "back");
        let drained = client.drain(LONG);
        settle().await;
        net.line.forget();
        let error = back.send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Declined, Origin::Local), "{error}");
        assert_eq!(error.attempts(), 0, "{error}");
        assert!(net.line.requests().is_empty());
        drop(held);
        drained.await;
    });
}

#[test]
fn c21_every_response_carries_the_requests_scheme() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let moe = server.channel.service(SERVICE).unwrap();
        moe.register("fail", |_: Request| async { Ok(Reply::not_ok("", "")) });
        moe.register_streamed("stream", |_: StreamedRequest, responder: Responder| async move {
            Ok(responder.ok()?.finish()?)
        });
        let client = net.client(&[&server]);
        for scheme in ["raw", "json", "thrift", "sthrift", "http", "of-my-own"] {
            for endpoint in [ENDPOINT, "fail", "stream"] {
                let answer = client.call(SERVICE, endpoint).scheme(scheme).send().await.unwrap();
                assert_eq!(answer.headers().get("as"), Some(scheme));
                let sent = net.line.responses().pop().unwrap();
                let headers: Vec<_> = sent.headers.headers().iter().collect();
                assert_eq!(headers, [("as", scheme)], "{endpoint}");
            }
        }
    });
}

#[test]
fn c21_a_request_without_a_scheme_is_answered_as_raw() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = net.client(&[&server]);
        net.line.tamper(|seen, mut bytes| {
            if seen.by == By::Dialler && matches!(seen.message, Message::CallReq(_)) {
                let at = bytes.windows(3).position(|key| key == b"\x02as").expect("every request has one");
                bytes[at + 2] = b'x';
            }
            bytes
        });
        let answer = client.call(SERVICE, ENDPOINT).scheme("json").send().await.unwrap();
        assert_eq!(answer.headers().get("as"), Some("raw"));
    });
}

#[test]
fn table_8_a_handler_without_an_answer_ends_with_its_callers_patience() {
    block_on(async {
        let net = Net::new();
        let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
        let sender = std::sync::Mutex::new(Some(sender));
        let server = net.server(move |_: Request| {
            let held = sender.lock().unwrap().take();
            async move {
                let _held = held;
                pending::<Result<Reply, Reject>>().await
            }
        });
        let server = server.await;
        let client = net.client(&[&server]);
        let call = client.call(SERVICE, ENDPOINT).send();
        settle().await;
        drop(call);
        // Its future is dropped.
        tokio::time::timeout(Duration::from_secs(10), receiver).await.unwrap().unwrap_err();
    });
}
