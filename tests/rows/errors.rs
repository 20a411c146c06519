//! What the exceptions of the Python document are here.

use std::error::Error;
use std::time::Duration;

use tchannel_rpc::{
    BodyError, BuildError, CallError, ErrorCode, Host, ListError, ListenError, NotOk, Notice, Origin, Phase,
    Reject, Reply, Request, SubChannelError,
};

use super::net::{ENDPOINT, Net, SERVICE, block_on, echoes, hangs, settle};

/// All of them can be boxed and sent on.
const _: () = {
    const fn is_one<E: Error + Send + Sync + 'static>() {}
    is_one::<CallError>();
    is_one::<NotOk>();
    is_one::<BodyError>();
    is_one::<BuildError>();
    is_one::<SubChannelError>();
    is_one::<ListenError>();
    is_one::<ListError>();
};

/// What an error says, and whether it says what is below it.
fn said(error: &dyn Error) -> (String, bool) {
    (error.to_string(), error.source().is_some())
}

#[test]
fn e1_every_error_says_something_and_what_is_below_it() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = net.client(&[]);
        let call = || client.call(SERVICE, "nothing").host(server.at);

        let (text, _) = said(&call().send().await.unwrap_err());
        assert!(text.contains("bad request (remote): no such endpoint"), "{text}");
        assert!(text.contains(&format!("peer {}", server.at)), "{text}");
        let (mut writer, call) = call().open();
        call.await.unwrap_err();
        let failed = writer.write("late").await.unwrap_err();
        assert!(matches!(failed, BodyError::Call(_)));
        assert!(said(&failed).0.contains("no such endpoint"), "as the call itself says");

        let (text, below) = said(&net.builder("").build().unwrap_err());
        assert!(text.contains("a name is required") && below, "{text}");
        let (text, _) = said(&client.subchannel("").build().unwrap_err());
        assert!(text.contains("a name is required"), "{text}");
        let (text, _) = said(&client.subchannel(SERVICE).peers(["x"]).build().unwrap_err());
        assert!(text.contains("\"x\" is no peer"), "{text}");
        let (text, _) = said(&client.peers().add("x:0").unwrap_err());
        assert!(text.contains("\"x:0\" is no peer"), "{text}");

        let taken = net.builder("other").build().unwrap().listen(server.at).await.unwrap_err();
        let (text, below) = said(&taken);
        assert!(text.contains(&format!("cannot listen at {}", server.at)) && below, "{text}");
        let (text, _) = said(&net.builder("other").build().unwrap().listen("nowhere").await.unwrap_err());
        assert!(text.contains("cannot listen at `nowhere`"), "{text}");
    });
}

#[test]
fn e4_a_connection_closed_under_a_call_is_a_network_error_found_here() {
    block_on(async {
        let net = Net::new();
        let server = net.server(hangs).await;
        let closing = net.server(|request: Request| {
            request.connection().close();
            hangs(request)
        });
        let closing = closing.await;
        let client = net.client(&[]);
        let call = client.call(SERVICE, ENDPOINT).host(server.at).send();
        settle().await;
        net.line.network().sever();
        let cut = call.await.unwrap_err();
        let closed = client.call(SERVICE, ENDPOINT).host(closing.at).send().await.unwrap_err();
        for error in [cut, closed] {
            assert_eq!((error.code(), error.origin()), (ErrorCode::Network, Origin::Local), "{error}");
            assert_eq!((error.phase(), error.attempts()), (Phase::Waiting, 1), "{error}");
        }
    });
}

#[test]
fn e6_a_channel_listens_once() {
    block_on(async {
        let net = Net::new();
        let channel = net.builder("server").build().unwrap();
        let at = channel.listen("127.0.0.1:0").await.unwrap();
        for again in ["127.0.0.1:0", &at.to_string()] {
            let error = channel.listen(again).await.unwrap_err();
            assert!(matches!(error, ListenError::AlreadyListening), "{error}");
        }
        assert_eq!(channel.listens_at(), Some(at));
    });
}

#[test]
fn c12_a_channel_says_whether_it_listens() {
    block_on(async {
        let net = Net::new();
        let channel = net.builder("server").build().unwrap();
        assert_eq!(channel.listens_at(), None);
        channel.listen("nowhere").await.unwrap_err();
        assert_eq!(channel.listens_at(), None);
        let at = channel.listen("127.0.0.1:0").await.unwrap();
        assert_eq!(channel.listens_at(), Some(at));
        assert_ne!(at.port(), 0);
        channel.listen("127.0.0.1:0").await.unwrap_err();
        channel.drain(Duration::from_secs(1)).await;
        assert_eq!(channel.listens_at(), None);
        assert!(matches!(channel.listen("127.0.0.1:0").await.unwrap_err(), ListenError::Closed));
    });
}

#[test]
fn e8_an_unknown_endpoint_is_a_bad_request() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = net.client(&[&server]);
        let error = client.call(SERVICE, "nothing").send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Remote));
        assert_eq!(error.message(), "no such endpoint service=\"moe\" endpoint=\"nothing\"");
        assert_eq!(net.line.errors().pop().unwrap().1.code.byte(), 6);
    });
}

#[test]
fn c1_a_handler_that_fails_is_told_here_and_not_to_its_caller() {
    block_on(async {
        let net = Net::new();
        let told = std::sync::Arc::<std::sync::Mutex<Vec<String>>>::default();
        let notes = told.clone();
        let server = net.builder("server").on_notice(move |notice| {
            if let Notice::HandlerFailed { .. } = notice {
                notes.lock().unwrap().push(notice.to_string());
            }
        });
        let server = server.build().unwrap();
        let moe = server.service(SERVICE).unwrap();
        moe.register("panics", |request: Request| async move {
            assert!(request.body() == "no", "a secret");
            Ok(Reply::ok("", ""))
        });
        moe.register("fails", |_: Request| async move {
            Ok(Reply::ok("", "a secret".parse::<u8>()?.to_string()))
        });
        moe.register("refuses", |_: Request| async move {
            Err::<Reply, _>(Reject::new(ErrorCode::Declined, "no secret"))
        });
        let at = server.listen("127.0.0.1:0").await.unwrap();
        let client = net.client(&[]);
        for endpoint in ["panics", "fails"] {
            let error = client.call(SERVICE, endpoint).host(at).send().await.unwrap_err();
            assert_eq!((error.code(), error.message()), (ErrorCode::Unexpected, "unexpected error"));
            let lines = std::mem::take(&mut *told.lock().unwrap());
            assert_eq!(lines.len(), 1, "{lines:?}");
            assert!(lines[0].starts_with(&format!("handler of moe::{endpoint} failed: ")), "{lines:?}");
        }
        let error = client.call(SERVICE, "refuses").host(at).send().await.unwrap_err();
        assert_eq!((error.code(), error.message()), (ErrorCode::Declined, "no secret"));
        assert!(told.lock().unwrap().is_empty(), "a refusal is no failure");
    });
}

#[test]
fn n13_a_text_that_is_no_host_is_refused_here() {
    block_on(async {
        let net = Net::new();
        let client = net.client(&[]);
        let error = client.call(SERVICE, ENDPOINT).host(Host::from("nowhere")).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Local));
        assert!(error.message().contains("host:port"), "{error}");
    });
}
