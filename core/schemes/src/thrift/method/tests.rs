use std::string::{String, ToString};

use super::super::golden::{GetArgs, GetThrows, GetValue, NotFound, SetValue, messages};
use super::super::{Fields, List, Problem, Type, Value};
use super::*;
use crate::testing::hex;

fn not_found(key: &str) -> GetThrows {
    GetThrows::NotFound(NotFound { key: key.into() })
}

#[test]
fn answers_have_the_golden_bytes() {
    let [_, bar, _, void, exception, ..] = messages();
    assert_eq!(encode_reply::<GetValue>(&Ok("bar".into())).unwrap(), bar);
    assert_eq!(decode_reply::<GetValue>(&bar).unwrap(), Ok("bar".into()));
    assert_eq!(encode_reply::<SetValue>(&Ok(())).unwrap(), void);
    assert_eq!(decode_reply::<SetValue>(&void).unwrap(), Ok(()));
    assert_eq!(encode_reply::<GetValue>(&Err(not_found("x"))).unwrap(), exception);
    assert_eq!(decode_reply::<GetValue>(&exception).unwrap(), Err(not_found("x")));
}

#[test]
fn an_empty_text_is_a_value() {
    let empty = encode_reply::<GetValue>(&Ok(String::new())).unwrap();
    assert_eq!(empty, hex("0b0000 00000000 00"));
    assert_eq!(decode_reply::<GetValue>(&empty).unwrap(), Ok(String::new()));
}

#[test]
fn neither_value_nor_exception_is_an_error_unless_void() {
    let error = decode_reply::<GetValue>(&hex("00")).unwrap_err();
    assert_eq!(error, Error::ValueExpected { endpoint: "KeyValue::getValue".into() });
    assert_eq!(error.to_string(), "expected a value from KeyValue::getValue, got none");
}

#[test]
fn void_takes_any_struct_without_an_exception() {
    assert_eq!(decode_reply::<SetValue>(&hex("0b0000 00000001 61 00")).unwrap(), Ok(()));
    assert_eq!(decode_reply::<SetValue>(&hex("08ffff 00000001 00")).unwrap(), Ok(()));
}

#[test]
fn an_exception_beside_a_value_is_the_exception() {
    let both = hex("0b0000 00000001 61  0c0001 0b0001 00000001 78 00  00");
    assert_eq!(decode_reply::<GetValue>(&both).unwrap(), Err(not_found("x")));
}

#[test]
fn an_unknown_exception_is_never_success() {
    let value = "0b0001 00000001 78 00";
    let unknown =
        |endpoint: &str| Error::UnknownException { endpoint: endpoint.into(), id: 2, bytes: hex(value) };
    let alone = hex(&std::format!("0c0002 {value} 00"));
    assert_eq!(decode_reply::<GetValue>(&alone), Err(unknown(GetValue::ENDPOINT)));
    assert_eq!(decode_reply::<SetValue>(&alone), Err(unknown(SetValue::ENDPOINT)));
    let beside = hex(&std::format!("0b0000 00000001 61 0c0002 {value} 00"));
    assert_eq!(decode_reply::<GetValue>(&beside), Err(unknown(GetValue::ENDPOINT)));
}

#[test]
fn answers_that_cannot_be_read_say_where() {
    let error = decode_reply::<GetValue>(&hex("0c0001 00 00")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read the answer of KeyValue::getValue: notFound.key at byte 4: is missing"
    );
    let Err(Error::Unreadable { source, .. }) = decode_reply::<SetValue>(&hex("00 00")) else { panic!() };
    assert_eq!(source.problem(), &Problem::LeftOver(1));
    assert!(matches!(decode_reply::<GetValue>(&hex("")), Err(Error::Unreadable { .. })));
}

enum Fire {}

impl Method for Fire {
    const SERVICE: &'static str = "A";
    const NAME: &'static str = "b";
    const ENDPOINT: &'static str = "A::b";
    const ONEWAY: bool = true;
    type Request = Fields;
    type Success = ();
    type Exceptions = Infallible;
}

#[test]
fn oneway_methods_are_refused_with_what_to_do() {
    let error = encode_request::<Fire>(&Fields::default()).unwrap_err();
    assert_eq!(error, Error::OneWayNotSupported { endpoint: "A::b".into() });
    assert_eq!(check_method::<Fire>(), Err(error.clone()));
    assert_eq!(
        error.to_string(),
        "A::b is oneway, and TChannel has no such calls: remove `oneway` from its declaration"
    );
    assert_eq!(check_method::<GetValue>(), Ok(()));
}

enum Dynamic {}

impl Method for Dynamic {
    const SERVICE: &'static str = "A";
    const NAME: &'static str = "c";
    const ENDPOINT: &'static str = "A::c";
    type Request = Fields;
    type Success = ();
    type Exceptions = Infallible;
}

#[test]
fn requests_are_their_arguments_or_an_error() {
    let [get, ..] = messages();
    assert_eq!(encode_request::<GetValue>(&GetArgs { key: "foo".into() }), Ok(get));
    let list = List { item: Type::I8, items: std::vec![Value::Bool(true)] };
    let error = encode_request::<Dynamic>(&Fields(std::vec![(1, Value::List(list))])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot write the arguments of A::c: struct.#1[0] has the type bool, its container holds i8"
    );
}
