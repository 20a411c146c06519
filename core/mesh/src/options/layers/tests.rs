use super::*;
use crate::Lineage;
use crate::options::testing::{Options, PARENT};

const SECOND: Duration = Duration::from_secs(1);

fn attempts(n: u32) -> Option<NonZeroU32> {
    NonZeroU32::new(n)
}

#[test]
fn call_beats_subchannel_beats_channel_beats_table() {
    let mut options = Options::default();
    let timeout = |options: &Options| options.python().timeout();
    assert_eq!(timeout(&options), Style::Python.timeout());
    options.channel.timeout = Some(3 * SECOND);
    assert_eq!(timeout(&options), 3 * SECOND);
    options.subchannel.timeout = Some(2 * SECOND);
    assert_eq!(timeout(&options), 2 * SECOND);
    options.call.timeout = Some(SECOND);
    assert_eq!(timeout(&options), SECOND);
}

#[test]
fn zero_none_and_false_are_values() {
    let mut options = Options::default();
    options.channel.streamed = Some(true);
    options.channel.timeout_per_attempt = SECOND.into();
    options.channel.max_attempts = attempts(9);
    assert!(options.python().is_once());
    options.call.streamed = Some(false);
    options.call.timeout_per_attempt = Setting::Off;
    options.call = options.call.retry_limit(0);
    let layers = options.python();
    assert_eq!((layers.is_once(), layers.timeout_per_attempt()), (false, None));
    assert_eq!(layers.max_attempts().get(), 1);
}

#[test]
fn n4_s4_service_defaults_to_the_name_of_the_subchannel() {
    let mut options = Options::default();
    options.channel.service = Some("larry".into());
    assert_eq!(options.python().service(), Ok("moe"));
    options.call.service = Some("shemp".into());
    assert_eq!(options.python().service(), Ok("shemp"));
    let top_level = Layers { subchannel: None, ..options.python() };
    assert_eq!(top_level.service(), Ok("shemp"));
    options.call.service = None;
    let top_level = Layers { subchannel: None, ..options.python() };
    assert_eq!(top_level.service(), Ok("larry"));
}

#[test]
fn n4_empty_service_is_refused() {
    let mut options = Options::default();
    assert_eq!(Layers { subchannel: None, ..options.python() }.service(), Err(OpenError::EmptyService));
    options.call.service = Some("".into());
    assert_eq!(options.python().service(), Err(OpenError::EmptyService));
}

#[test]
fn n3_parent_or_no_parent_has_to_be_said_in_the_document_style() {
    let mut options = Options::default();
    assert_eq!(options.layers(Style::Document).parent(), Err(OpenError::ParentRequired));
    assert_eq!(options.python().parent(), Ok(None));
    options.call.no_parent = Some(false);
    assert_eq!(options.layers(Style::Document).parent(), Err(OpenError::ParentRequired));
    options.call.no_parent = Some(true);
    assert_eq!(options.layers(Style::Document).parent(), Ok(None));
    options.call.no_parent = None;
    options.call.parent = Some(PARENT);
    assert_eq!(options.layers(Style::Document).parent(), Ok(Some(&PARENT)));
}

#[test]
fn n3_parent_and_no_parent_at_once_are_refused() {
    let mut options = Options::default();
    options.call.parent = Some(PARENT);
    options.call.no_parent = Some(true);
    for style in [Style::Document, Style::Python] {
        assert_eq!(options.layers(style).parent(), Err(OpenError::ParentAndNoParent));
    }
    options.call.no_parent = Some(false);
    assert_eq!(options.python().parent(), Ok(Some(&PARENT)));
}

#[test]
fn parent_of_the_call_beats_no_parent_of_the_defaults() {
    let mut options = Options::default();
    options.subchannel.no_parent = Some(true);
    options.call.parent = Some(PARENT);
    assert_eq!(options.layers(Style::Document).parent(), Ok(Some(&PARENT)));
}

#[test]
fn timeout_per_attempt_adds_retry_on_timeout() {
    let flags = |given: Option<RetryFlags>| {
        let mut options = Options::default();
        options.call.retry_flags = given;
        options.subchannel.timeout_per_attempt = SECOND.into();
        options.python().retry_flags().as_str()
    };
    assert_eq!(flags(None), "ct");
    assert_eq!(flags(Some(RetryFlags { connection: false, timeout: true })), "t");
    assert_eq!(flags(Some(RetryFlags::NEVER)), "n");
}

#[test]
fn retry_header_stands_for_the_field_that_is_not_given() {
    let mut options = Options::call(CallOptions::new().header("re", "n"));
    assert_eq!(options.python().retry_flags(), RetryFlags::NEVER);
    options.call.retry_flags = Some(RetryFlags { connection: true, timeout: true });
    assert_eq!(options.python().retry_flags().as_str(), "ct");
}

#[test]
fn streamed_and_direct_calls_have_one_attempt() {
    let mut options = Options::default();
    assert!(!options.python().is_once());
    options.call.streamed = Some(true);
    assert!(options.python().is_once());
    let mut options = Options::default();
    let host = "127.0.0.1:4040".parse().expect("a peer");
    options.subchannel.direct = Direct::Host(host).into();
    assert!(options.python().is_once());
    options.call.direct = Setting::Off;
    assert!(!options.python().is_once());
}

#[test]
fn n17_n18_n19_lineage() {
    let mut options = Options::default();
    let lineage = |options: &Options, parent: Option<&Parent>| {
        options.python().trace().lineage(parent.map(|parent| parent.tracing))
    };
    assert_eq!(lineage(&options, None), Lineage::Root { traced: true });
    let of = PARENT.tracing;
    assert_eq!(lineage(&options, Some(&PARENT)), Lineage::Child { of, traced: true });
    options.call.trace = Some(false);
    assert_eq!(lineage(&options, None), Lineage::Root { traced: false });
    let tracing = tchannel_wire::Tracing { span_id: 9, ..of };
    options.call.tracing = Some(tracing);
    assert_eq!(lineage(&options, None), Lineage::Root { traced: false });
    options.call.forward_trace = Some(true);
    assert_eq!(lineage(&options, Some(&PARENT)), Lineage::Copy(tracing));
    options.call.tracing = None;
    assert_eq!(lineage(&options, Some(&PARENT)), Lineage::Copy(of));
    assert_eq!(lineage(&options, None), Lineage::Copy(tchannel_wire::Tracing::ZERO));
}
