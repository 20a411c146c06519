use std::sync::Arc;
use std::time::Duration;

use tchannel_mesh::{ChannelConfig, Failure, OpenError, Phase, Style};
use tchannel_proto::wire::ErrorCode;
use tchannel_proto::{CallError as Cause, Origin as Found};

use super::{CallError, Refusal};
use crate::shared::hub::Failed;
use crate::shared::target::{Origin, Target};

fn target() -> Arc<Target> {
    Origin::new(&Arc::new(ChannelConfig::new("me")), Style::Python, None).target("kv", b"get")
}

fn failed(code: ErrorCode, origin: Found, message: &str) -> Failed {
    let mut failure = Failure::new(Cause { code, origin, message: message.into() });
    failure.peer = Some("127.0.0.1:4040".parse().expect("an address"));
    (failure.elapsed, failure.timeout) = (Duration::from_millis(5), Duration::from_secs(1));
    (failure.attempts, failure.max_attempts) = (2, 5);
    Failed { failure, detail: None }
}

#[test]
fn errors_of_the_peer_name_the_call() {
    let mut failed = failed(ErrorCode::Busy, Found::Remote, "too many calls");
    failed.failure.phase = Phase::Waiting;
    assert_eq!(
        CallError::failed(failed, None, target()).to_string(),
        "busy (remote): too many calls; after sending, peer 127.0.0.1:4040, attempt 2 of 5, service \"kv\", \
         endpoint \"get\", after 5.0ms of 1.0s"
    );
}

#[test]
fn errors_of_the_connection_say_what_the_system_said() {
    let mut failed = failed(ErrorCode::Network, Found::Local, "lost (after 5ms)");
    failed.failure.phase = Phase::Connect;
    failed.failure.max_attempts = 1;
    failed.detail = Some("no route".into());
    assert_eq!(
        CallError::failed(failed, None, target()).to_string(),
        "network error (local): lost (after 5ms); while connecting, peer 127.0.0.1:4040: no route"
    );
}

#[test]
fn calls_that_were_not_sent_say_so() {
    let error = CallError::refused(Refusal::from(OpenError::Closed), None, target());
    assert_eq!(
        error.to_string(),
        "network error (local): the channel is closed; not sent, service \"kv\", endpoint \"get\""
    );
    assert_eq!((error.phase(), error.elapsed()), (Phase::Queue, Duration::ZERO));
}
