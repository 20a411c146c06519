//! Calls of the Python document: arguments, answers, error forms.

use std::time::Duration;

use tchannel_rpc::testing::pattern;
use tchannel_rpc::{ErrorCode, Origin, Reply, Request, ResponseCode};

use super::line::By;
use super::net::{ENDPOINT, Net, SERVICE, block_on, echoes, fails, refuses};

#[test]
fn p6_raw_arguments_are_the_same_bytes_both_ways() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = net.client(&[&server]);
        let all: Vec<u8> = (0..=255).collect();
        for bytes in [&b""[..], b"\0", b"\xFF", b"\0\xFF\0", &all, &pattern(70_000)] {
            let call = client.call(SERVICE, ENDPOINT).arg2(bytes.to_vec()).arg3(bytes.to_vec());
            let answer = call.send().await.unwrap();
            assert_eq!((&answer.arg2()[..], &answer.body()[..]), (bytes, bytes));
        }
    });
}

#[test]
fn e15_an_application_error_is_an_answer_and_has_an_error_form() {
    block_on(async {
        let net = Net::new();
        let server = net.server(fails("no luck")).await;
        let client = net.client(&[&server]);
        for code in [1, 255] {
            net.line.tamper(move |seen, mut bytes| {
                if seen.by == By::Acceptor && bytes[2] == 0x04 {
                    bytes[17] = code;
                }
                bytes
            });
            let answer = client.call(SERVICE, ENDPOINT).send().await.unwrap();
            assert!(!answer.ok());
            assert_eq!(answer.code(), ResponseCode(code));
            let error = answer.into_result().unwrap_err();
            assert!(error.to_string().contains(&format!("code {code}")), "{error}");
            assert_eq!((error.response().arg2(), error.response().body()), (&"why".into(), "no luck".into()));
            assert_eq!(error.into_response().code(), ResponseCode(code));
        }
        net.line.leave_alone();
        let good = net.server(echoes).await;
        let answer = client.call(SERVICE, ENDPOINT).host(good.at).arg3("fine").send().await.unwrap();
        assert_eq!(answer.into_result().unwrap().body(), "fine");
    });
}

#[test]
fn e2_each_code_arrives_as_itself_with_text_and_tracing() {
    let codes = [
        ErrorCode::Timeout,
        ErrorCode::Cancelled,
        ErrorCode::Busy,
        ErrorCode::Declined,
        ErrorCode::Unexpected,
        ErrorCode::BadRequest,
        ErrorCode::Network,
        ErrorCode::Unhealthy,
        ErrorCode::Fatal,
    ];
    block_on(async {
        let net = Net::new();
        let client = net.client(&[]);
        for code in codes {
            let server = net.server(refuses(code)).await;
            let error = client.call(SERVICE, ENDPOINT).host(server.at).send().await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (code, Origin::Remote));
            assert_eq!(error.message(), "as asked");
            let (id, frame) = net.line.errors().pop().unwrap();
            assert_eq!(frame.code, code);
            assert_ne!(id, 0xFFFF_FFFF);
            assert_ne!(frame.tracing.trace_id, 0);
            assert_eq!(error.tracing(), frame.tracing);
        }
    });
}

#[test]
fn g7_a_later_call_may_be_answered_first() {
    block_on(async {
        let net = Net::new();
        let (first, second) = (tokio::sync::Notify::new(), tokio::sync::Notify::new());
        let gates = std::sync::Arc::new([first, second]);
        let held = gates.clone();
        let server = net.server(move |request: Request| {
            let held = held.clone();
            async move {
                let body = request.body();
                held[usize::from(body == "second")].notified().await;
                Ok(Reply::ok("", body))
            }
        });
        let server = server.await;
        let client = net.client(&[&server]);
        let first = client.call(SERVICE, ENDPOINT).arg3("first").send();
        let second = client.call(SERVICE, ENDPOINT).arg3("second").send();
        gates[1].notify_one();
        assert_eq!(second.await.unwrap().body(), "second");
        gates[0].notify_one();
        assert_eq!(first.await.unwrap().body(), "first");
        assert_eq!(net.line.network().connects(), 1);
    });
}

#[test]
fn c9_closing_and_removing_what_has_no_connection_does_nothing() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = net.client(&[&server]);
        let unused = client.peers().add("127.0.0.1:65000").unwrap();
        client.peers().remove(&unused).unwrap();
        let error = client.peers().remove(&unused).unwrap_err();
        assert!(error.to_string().contains("127.0.0.1:65000 is not on the list"), "{error}");
        assert_eq!(client.call(SERVICE, ENDPOINT).arg3("on").send().await.unwrap().body(), "on");
        client.close().await;
        client.close().await;
        assert_eq!(client.drain(Duration::from_secs(1)).await.cut, 0);
    });
}
