//! Generated types, value by value.

use bytes::Bytes;
use data_encoding::HEXLOWER;
use tchannel_schemes::thrift::{Method, Struct, decode, decode_reply, encode, encode_reply};

use super::code::guide::key_value::{
    EntriesRequest, GetValue, GetValueExceptions, GetValueRequest, SetValue,
};
use super::code::guide::{Entry, MAX_ENTRIES, NotFoundError, RESERVED, Value};
use super::code::shared::{Health, Role};

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

fn bytes(hex: &str) -> Bytes {
    HEXLOWER.decode(hex.replace(' ', "").as_bytes()).expect("it is hexadecimal").into()
}

#[test]
fn the_golden_bytes_of_the_guides_service() {
    let request = GetValueRequest { key: "foo".into() };
    assert_eq!(hex(&encode(&request).unwrap()), "0b000100000003666f6f00");
    assert_eq!(hex(&encode_reply::<GetValue>(&Ok("bar".into())).unwrap()), "0b00000000000362617200");
    assert_eq!(hex(&encode_reply::<SetValue>(&Ok(())).unwrap()), "00");
    let thrown = GetValueExceptions::from(NotFoundError { key: "x".into() });
    let reply = encode_reply::<GetValue>(&Err(thrown.clone())).unwrap();
    assert_eq!(hex(&reply), "0c00010b000100000001780000");
    assert_eq!(decode_reply::<GetValue>(&reply), Ok(Err(thrown)));
    assert_eq!((GetValue::SERVICE, GetValue::NAME), ("KeyValue", "getValue"));
    assert_eq!((NotFoundError::NAME, GetValueRequest::NAME), ("NotFoundError", "getValue_args"));
}

#[test]
fn what_was_written_is_read_again() {
    let older = Entry { changed_at: Some(-1), ..Entry::new(Value::Bytes(Bytes::from_static(&[0, 255]))) };
    let numbers = [("a".to_owned(), 0.5), (String::new(), f64::INFINITY)].into();
    let entry = Entry {
        previous: Some(Box::new(older)),
        owner: Role::Unrecognized(9),
        ..Entry::new(Value::Numbers(numbers))
    };
    assert_eq!(decode::<Entry>(&encode(&entry).unwrap()), Ok(entry));
}

#[test]
fn defaults_stand_for_what_does_not_arrive() {
    let request = decode::<EntriesRequest>(&bytes("080001 00000005 00")).unwrap();
    assert_eq!(request, EntriesRequest { owner: Role::Admin, limit: None, deep: true });
    let written = encode(&request).unwrap();
    assert_eq!(hex(&written), "0800010000000502000301".to_owned() + "00");
}

#[test]
fn what_is_missing_or_wrong_is_said_by_its_name_in_the_idl() {
    let refusals = [
        ("00", "entries_args.owner at byte 1: is missing"),
        ("0b0001 00000000 00", "entries_args.owner at byte 3: has the type string, expected i32"),
    ];
    for (hex, expected) in refusals {
        assert_eq!(decode::<EntriesRequest>(&bytes(hex)).unwrap_err().to_string(), expected);
    }
    let empty_union = decode::<Entry>(&bytes("0c0001 00 00")).unwrap_err();
    assert_eq!(empty_union.to_string(), "Entry.value at byte 3: has 0 known fields, a union has exactly one");
    let newer = decode::<Entry>(&bytes("0c0001 080009 00000001 00 00")).unwrap_err();
    assert_eq!(newer.to_string(), "Entry.value at byte 3: has 0 known fields, a union has exactly one");
}

#[test]
fn fields_of_a_newer_idl_are_skipped() {
    assert_eq!(decode::<Health>(&bytes("0b0063 00000001 61 020001 00 00")), Ok(Health::new(false)));
}

#[test]
fn enums_keep_numbers_without_a_name() {
    assert_eq!(Role::from_number(5), Role::ROOT);
    assert_eq!((Role::Admin.number(), Role::Admin.name()), (5, Some("ADMIN")));
    assert_eq!((Role::from_number(-3).number(), Role::from_number(-3).name()), (-3, None));
}

#[test]
fn constants_have_their_values() {
    assert_eq!(MAX_ENTRIES, 100_000);
    assert_eq!(*RESERVED, ["root", "admin"]);
}

#[test]
fn exceptions_are_errors() {
    let error: Box<dyn std::error::Error> =
        GetValueExceptions::from(NotFoundError { key: "k".into() }).into();
    assert_eq!(error.to_string(), "NotFound(NotFoundError { key: \"k\" })");
}
