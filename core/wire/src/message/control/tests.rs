use super::*;
use crate::{
    Problem,
    worked::{self, TRACING, body, hex},
};

#[test]
fn worked_cancel_decodes() {
    let cancel = Cancel::decode(&body(worked::CANCEL)).unwrap();
    assert_eq!(cancel, Cancel { ttl: 0, tracing: TRACING, why: Bytes::from_static(b"dropped") });
}

#[test]
fn empty_cancel_is_one_without_a_reason() {
    assert_eq!(Cancel::decode(&Bytes::new()), Ok(Cancel::default()));
}

#[test]
fn truncated_cancel_is_malformed() {
    let whole = body(worked::CANCEL);
    for len in 1..whole.len() {
        let error = Cancel::decode(&whole.slice(..len)).unwrap_err();
        assert_eq!(error.frame, Some(FrameType::Cancel));
        assert!(matches!(error.problem, Problem::Truncated { .. }));
    }
}

#[test]
fn bytes_behind_a_cancel_are_ignored() {
    let mut bytes = body(worked::CANCEL).to_vec();
    bytes.extend(hex("ff"));
    assert_eq!(Cancel::decode(&bytes.into()), Cancel::decode(&body(worked::CANCEL)));
}

#[test]
fn worked_claim_decodes_whatever_follows() {
    let mut bytes = body(worked::CLAIM).to_vec();
    assert_eq!(Claim::decode(&bytes.clone().into()), Ok(Claim { ttl: 0, tracing: TRACING }));
    bytes.push(0xFF);
    assert_eq!(Claim::decode(&bytes.into()), Ok(Claim { ttl: 0, tracing: TRACING }));
}

#[test]
fn truncated_claim_is_malformed() {
    let whole = body(worked::CLAIM);
    for len in 0..whole.len() {
        assert_eq!(Claim::decode(&whole.slice(..len)).unwrap_err().frame, Some(FrameType::Claim));
    }
}
