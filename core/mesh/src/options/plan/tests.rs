use core::time::Duration;

use alloc::string::ToString;

use tchannel_proto::CallError;
use tchannel_wire::ErrorCode;

use super::*;
use crate::Timestamp;
use crate::options::testing::{Options, PARENT};
use crate::options::{CallOptions, Parent, Setting, Style};
use crate::retry::{Attempts, Budget, Step};

const SIZES: Sizes = Sizes { endpoint: 4, body: 100, max_message: 1 << 20 };

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn ends(plan: &CallPlan, now: Timestamp, parent: Option<&Parent>) -> Timestamp {
    Parent::bound(parent, now + plan.timeout)
}

fn plan(options: &Options) -> Result<CallPlan, OpenError> {
    options.python().plan()
}

fn refused(options: CallOptions) -> OpenError {
    plan(&Options::call(options)).expect_err("not valid")
}

#[test]
fn n7_default_call_of_the_document_style_has_100_ms() {
    let options = Options::call(CallOptions { no_parent: Some(true), ..CallOptions::new() });
    let plan = options.layers(Style::Document).plan().expect("valid");
    assert_eq!((ends(&plan, at(7), None), plan.rules.attempts()), (at(107), 5));
}

#[test]
fn p2_default_call_of_the_python_style_has_30_s() {
    let plan = plan(&Options::default()).expect("valid");
    assert_eq!((ends(&plan, at(0), None), plan.rules.attempts()), (at(30_000), 5));
    assert!(plan.track_pending && !plan.streamed && !plan.rules.application_retry);
    assert_eq!((plan.checksum, plan.direct, plan.peer_score_threshold), (ChecksumKind::Crc32c, None, None));
}

#[test]
fn n3_40_ms_left_on_the_parent_and_timeout_1000() {
    let mut options = Options::call(CallOptions { parent: Some(PARENT), ..CallOptions::new() });
    options.call.timeout = Some(Duration::from_secs(1));
    assert_eq!(ends(&plan(&options).expect("valid"), at(0), Some(&PARENT)), at(40));
    options.call.timeout = Some(Duration::from_millis(30));
    assert_eq!(ends(&plan(&options).expect("valid"), at(0), Some(&PARENT)), at(30));
}

#[test]
fn n3_parent_already_over_is_a_timeout_and_nothing_is_sent() {
    let options = Options::call(CallOptions { parent: Some(PARENT), ..CallOptions::new() });
    let plan = options.python().plan().expect("valid");
    let mut budget = Budget::default();
    let ends = ends(&plan, at(40), Some(&PARENT));
    let mut attempts = Attempts::<()>::new(at(40), ends, plan.rules);
    let Some(Step::Give(Err(CallError { code, .. }))) = attempts.start(at(40), &mut budget) else {
        panic!("not over");
    };
    assert_eq!((code, attempts.made()), (ErrorCode::Timeout, 0));
}

#[test]
fn options_reach_the_plan() {
    let mut options = Options::default();
    options.call.track_pending = Some(false);
    options.call.checksum = Some(ChecksumKind::None);
    options.call.application_retry = Some(true);
    options.call.allow_same_peer = Some(true);
    options.call.retry_policy = Some(crate::retry::RetryPolicy::Strict);
    options.call.timeout_per_attempt = Duration::from_millis(10).into();
    options.call.peer_score_threshold = Setting::Is(0);
    options.call.streamed = Some(true);
    let plan = plan(&options).expect("valid");
    assert_eq!((plan.track_pending, plan.checksum, plan.streamed), (false, ChecksumKind::None, true));
    assert_eq!((plan.peer_score_threshold, plan.rules.attempts()), (Some(0), 1));
    assert!(plan.rules.application_retry && plan.rules.allow_same_peer && plan.rules.flags.timeout);
    assert_eq!(plan.rules.policy, crate::retry::RetryPolicy::Strict);
    assert_eq!(plan.rules.timeout_per_attempt, Some(Duration::from_millis(10)));
}

#[test]
fn n20_endpoint_of_16384_bytes_is_taken_and_one_more_is_not() {
    let of = |endpoint| Sizes { endpoint, ..SIZES }.check();
    assert!(of(16_384).is_ok());
    assert_eq!(of(16_385), Err(OpenError::EndpointTooLong { len: 16_385 }));
}

#[test]
fn body_over_max_message() {
    let of = |body| Sizes { body, ..SIZES }.check();
    assert_eq!(of((1 << 20) - 4), Ok(()));
    assert_eq!(of((1 << 20) - 3), Err(OpenError::TooLarge { len: (1 << 20) + 1, limit: 1 << 20 }));
    assert!(of(usize::MAX).is_err());
}

#[test]
fn timeout_0_is_an_error_and_not_the_default() {
    let zero = Duration::ZERO;
    let timeout = CallOptions { timeout: Some(zero), ..CallOptions::new() };
    assert_eq!(refused(timeout), OpenError::ZeroTimeout { option: "timeout" });
    let per_attempt = CallOptions { timeout_per_attempt: zero.into(), ..CallOptions::new() };
    assert_eq!(refused(per_attempt), OpenError::ZeroTimeout { option: "timeout_per_attempt" });
}

#[test]
fn empty_service() {
    assert_eq!(
        refused(CallOptions { service: Some("".into()), ..CallOptions::new() }),
        OpenError::EmptyService
    );
}

#[test]
fn header_limits() {
    assert!(matches!(refused(CallOptions::new().header("", "")), OpenError::Header(_)));
}

#[test]
fn parent_missing() {
    let options = Options::default();
    let refused = options.layers(Style::Document).plan().expect_err("no parent said");
    assert_eq!(refused, OpenError::ParentRequired);
}

#[test]
fn parent_and_no_parent_both() {
    let both = CallOptions { parent: Some(PARENT), no_parent: Some(true), ..CallOptions::new() };
    assert_eq!(refused(both), OpenError::ParentAndNoParent);
}

#[test]
fn n1_request_on_the_root_is_a_top_level_request() {
    let options = Options::call(CallOptions { service: Some("moe".into()), ..CallOptions::new() });
    let root = |style| Layers { subchannel: None, ..options.layers(style) }.plan().map(|_| ());
    assert_eq!(root(Style::Document), Err(OpenError::TopLevelRequest));
    assert_eq!(root(Style::Python), Ok(()));
}

#[test]
fn n15_farmhash_is_never_sent() {
    let farm = CallOptions { checksum: Some(ChecksumKind::FarmHash), ..CallOptions::new() };
    assert_eq!(refused(farm), OpenError::Checksum);
}

#[test]
fn messages_say_what_to_do() {
    for (error, advice) in [
        (OpenError::EmptyService, "set `service`"),
        (OpenError::ParentRequired, "say `parent`"),
        (OpenError::ParentAndNoParent, "leave one out"),
        (OpenError::TopLevelRequest, "make one with `subchannel`"),
        (OpenError::EndpointTooLong { len: 16_385 }, "16384 are allowed: put the rest into arg2"),
        (OpenError::TooLarge { len: 2, limit: 1 }, "raise `max_message`"),
        (OpenError::ZeroTimeout { option: "timeout" }, "leave it out"),
        (OpenError::EmptyHeader { key: "cn" }, "`cn` is empty: leave the option out"),
    ] {
        assert!(error.to_string().contains(advice), "{error}");
    }
}

#[test]
fn one_request_may_be_planned_many_times() {
    let options = Options::call(CallOptions::new().header("k", "v"));
    let (first, second) = (plan(&options).expect("valid"), plan(&options).expect("valid"));
    assert_eq!((first.route, first.rules), (second.route, second.rules));
}
