use std::sync::Arc;
use std::time::Duration;

use tchannel_proto::wire::ErrorCode;
use tchannel_proto::{CallError as Failure, Origin};

use super::{CallError, Phase, Refusal};
use crate::shared::host::Host;
use crate::shared::target::{Target, Targets};

fn target() -> Arc<Target> {
    Targets::default().find("kv", b"get")
}

fn failure(code: ErrorCode, origin: Origin, message: &str) -> Failure {
    Failure { code, origin, message: message.into() }
}

#[test]
fn errors_of_the_peer_name_the_call() {
    let failure = failure(ErrorCode::Busy, Origin::Remote, "too many calls");
    let peer = Some(Host::from("127.0.0.1:4040"));
    let error = CallError::new(failure, Phase::Waiting, peer, target(), Duration::from_millis(5));
    assert_eq!(
        error.to_string(),
        "busy (remote): too many calls; after sending, peer 127.0.0.1:4040, service \"kv\", endpoint \"get\", \
         after 5.0ms"
    );
}

#[test]
fn errors_of_the_connection_say_what_the_system_said() {
    let failure = failure(ErrorCode::Network, Origin::Local, "lost (after 5ms)");
    let peer = Some(Host::from("some.host:1"));
    let error = CallError::new(failure, Phase::Connecting, peer, target(), Duration::from_millis(5));
    assert_eq!(
        error.with_detail(Some("no route".into())).to_string(),
        "network error (local): lost (after 5ms); while connecting, peer some.host:1: no route"
    );
}

#[test]
fn calls_that_were_not_sent_say_so() {
    let error = CallError::refused(Refusal::no_peer(), None, target());
    assert_eq!(
        error.to_string(),
        "declined (local): no peer: give the call a host; not sent, service \"kv\", endpoint \"get\""
    );
    assert_eq!((error.phase(), error.elapsed()), (Phase::Preparing, Duration::ZERO));
}
