use std::string::ToString;
use std::vec;

use super::golden::{GetArgs, SetArgs, messages};
use super::*;
use crate::testing::hex;

#[test]
fn arguments_have_the_golden_bytes() {
    let [get, _, set, ..] = messages();
    assert_eq!(encode(&GetArgs { key: "foo".into() }).unwrap(), get);
    assert_eq!(decode::<GetArgs>(&get).unwrap(), GetArgs { key: "foo".into() });
    let args = SetArgs { key: "k".into(), value: "v".into() };
    assert_eq!(encode(&args).unwrap(), set);
    assert_eq!(decode::<SetArgs>(&set).unwrap(), args);
}

#[test]
fn nested_argument_has_the_golden_bytes() {
    let query = Fields(vec![(1, Value::Binary("other-service".into()))]);
    let args = Fields(vec![(1, Value::Struct(query))]);
    let [.., bytes] = messages();
    assert_eq!(encode(&args).unwrap(), bytes);
    assert_eq!(decode::<Fields>(&bytes).unwrap(), args);
}

#[test]
fn every_golden_message_comes_back_from_a_dynamic_value() {
    for bytes in messages() {
        assert_eq!(encode(&decode::<Fields>(&bytes).unwrap()).unwrap(), bytes);
    }
}

#[test]
fn every_cut_of_a_golden_message_is_an_error() {
    for bytes in messages() {
        for end in 0..bytes.len() {
            let cut = bytes.slice(..end);
            let error = decode::<Fields>(&cut).unwrap_err();
            assert!(matches!(error.problem(), Problem::Truncated { .. }), "{cut:?}: {error}");
            assert!(error.at() <= end, "{cut:?}: {error}");
            assert!(decode::<GetArgs>(&cut).is_err() && decode::<SetArgs>(&cut).is_err(), "{cut:?}");
        }
    }
}

#[test]
fn bytes_behind_the_struct_are_an_error() {
    let error = decode::<GetArgs>(&hex("0b0001 00000003 666f6f 00 00")).unwrap_err();
    assert_eq!(error.to_string(), "GetArgs at byte 11: 1 bytes are left over after the struct");
}

#[test]
fn a_missing_required_field_is_an_error_with_its_name() {
    let error = decode::<SetArgs>(&hex("0b0001 00000001 6b 00")).unwrap_err();
    assert_eq!(error.to_string(), "SetArgs.value at byte 9: is missing");
}

#[test]
fn a_field_of_another_type_is_an_error_with_its_name() {
    let error = decode::<GetArgs>(&hex("080001 00000007 00")).unwrap_err();
    assert_eq!(error.to_string(), "GetArgs.key at byte 3: has the type i32, expected string");
}

#[test]
fn unknown_fields_are_skipped() {
    let bytes = hex("080009 00000007  0b0001 00000001 6b  0c0007 020001 01 00  00");
    assert_eq!(decode::<GetArgs>(&bytes).unwrap(), GetArgs { key: "k".into() });
}

#[test]
fn a_field_that_is_there_twice_has_its_last_value() {
    let bytes = hex("0b0001 00000001 61  0b0001 00000001 62  00");
    assert_eq!(decode::<GetArgs>(&bytes).unwrap(), GetArgs { key: "b".into() });
}
