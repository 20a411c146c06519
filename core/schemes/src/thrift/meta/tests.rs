use std::fmt::Debug;

use super::super::golden::messages;
use super::super::{Struct, decode, decode_reply, encode, encode_reply};
use super::*;
use crate::testing::hex;

fn both_ways<T: Struct + PartialEq + Debug>(value: &T, text: &str) {
    let bytes = hex(text);
    assert_eq!(encode(value).unwrap(), bytes, "{value:?}");
    assert_eq!(&decode::<T>(&bytes).unwrap(), value);
}

const WELL: HealthStatus = HealthStatus { ok: true, message: None, state: None };

#[test]
fn healthy_answer_has_the_golden_bytes() {
    let [_, _, _, _, _, ok, _] = messages();
    assert_eq!(encode_reply::<Health>(&Ok(WELL)).unwrap(), ok);
    assert_eq!(decode_reply::<Health>(&ok).unwrap(), Ok(WELL));
}

#[test]
fn structs_have_their_bytes() {
    both_ways(&HealthArgs::default(), "00");
    let kind = Some(HealthRequestType::Process);
    both_ways(&HealthArgs { request: Some(HealthRequest { kind }) }, "0c0001 080001 00000000 00 00");
    let state = Some(HealthState::Stopping);
    let status = HealthStatus { ok: false, message: Some("no".into()), state };
    both_ways(&status, "020001 00 0b0002 00000002 6e6f 080003 00000002 00");
    let idls = [("a".into(), "b".into())].into();
    both_ways(
        &ThriftIdls { idls, entry_point: "a".into() },
        "0d0001 0b0b 00000001 00000001 61 00000001 62 0b0002 00000001 61 00",
    );
    let info = VersionInfo { language: "a".into(), language_version: "b".into(), version: "c".into() };
    both_ways(&info, "0b0001 00000001 61 0b0002 00000001 62 0b0003 00000001 63 00");
    both_ways(&NoArgs, "00");
}

#[test]
fn endpoints_are_those_of_the_service() {
    assert_eq!(
        [Health::ENDPOINT, ThriftIdl::ENDPOINT, Version::ENDPOINT],
        ["Meta::health", "Meta::thriftIDL", "Meta::versionInfo"]
    );
}

#[test]
fn what_newer_peers_add_is_skipped_and_numbers_are_kept() {
    let newer = hex("020001 01 080003 00000009 0c0007 00 00");
    let status = decode::<HealthStatus>(&newer).unwrap();
    assert_eq!(status, HealthStatus { state: Some(HealthState::Unknown(9)), ..WELL });
    assert_eq!(encode(&status).unwrap(), hex("020001 01 080003 00000009 00"));
    assert!(decode::<HealthStatus>(&hex("080003 00000001 00")).is_err(), "ok is required");
}

#[test]
fn a_check_that_says_nothing_is_of_traffic() {
    assert_eq!(decode::<HealthArgs>(&hex("00")).unwrap().kind(), HealthRequestType::Traffic);
    assert_eq!(decode::<HealthArgs>(&hex("0c0001 00 00")).unwrap().kind(), HealthRequestType::Traffic);
    let process = decode::<HealthArgs>(&hex("0c0001 080001 00000000 00 00")).unwrap();
    assert_eq!(process.kind(), HealthRequestType::Process);
}

#[test]
fn traffic_is_well_while_calls_are_taken() {
    let answer = |asked, state| HealthStatus::answer(asked, state, None);
    let well = |state| HealthStatus { state: Some(state), ..WELL };
    let states =
        [HealthState::Refusing, HealthState::Stopping, HealthState::Stopped, HealthState::Unknown(7)];
    for state in states {
        assert_eq!(answer(HealthRequestType::Process, state), well(state));
        let refused = answer(HealthRequestType::Traffic, state);
        assert!(!refused.ok && refused.message.is_some() && refused.state == Some(state), "{refused:?}");
    }
    let accepting = HealthState::Accepting;
    assert_eq!(answer(HealthRequestType::Traffic, accepting), well(accepting));
    assert_eq!(answer(HealthRequestType::Unknown(9), accepting), well(accepting));
    let why = HealthStatus::answer(HealthRequestType::Traffic, HealthState::Stopping, Some("drains".into()));
    assert_eq!((why.ok, why.message.as_deref()), (false, Some("drains")));
}
