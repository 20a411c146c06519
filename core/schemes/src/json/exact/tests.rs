use std::collections::BTreeMap;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use serde::Serialize;

use super::super::encode;

#[derive(Serialize)]
struct Everything {
    bool: bool,
    bytes: [i8; 2],
    text: char,
    unit: (),
    nothing: Option<f64>,
    something: Option<f64>,
    newtype: Newtype,
    tuple: Tuple,
    variants: Vec<Variant>,
    map: BTreeMap<u8, f32>,
    #[serde(skip_serializing_if = "String::is_empty")]
    skipped: String,
    small: i128,
    large: u128,
}

#[derive(Serialize)]
struct Newtype(u64);

#[derive(Serialize)]
struct Tuple(i16, f64);

#[derive(Serialize)]
enum Variant {
    Unit,
    Newtype(f64),
    Tuple(u8, f64),
    Struct { x: f64 },
}

fn everything(number: f64) -> Everything {
    Everything {
        bool: true,
        bytes: [1, -1],
        text: 'é',
        unit: (),
        nothing: None,
        something: Some(0.5),
        newtype: Newtype(u64::MAX),
        tuple: Tuple(-7, 0.1),
        variants: vec![
            Variant::Unit,
            Variant::Newtype(1.0),
            Variant::Tuple(1, 2.5),
            Variant::Struct { x: number },
        ],
        map: [(7, 1.5)].into(),
        skipped: String::new(),
        small: i64::MIN.into(),
        large: u64::MAX.into(),
    }
}

#[test]
fn all_that_serde_knows_is_written_as_serde_json_does() {
    let value = everything(3.5);
    assert_eq!(encode(&value).unwrap(), serde_json::to_vec(&value).unwrap());
    assert_eq!(encode(&[1_u8; 3]).unwrap(), "[1,1,1]");
    assert_eq!(encode(&core::net::Ipv4Addr::LOCALHOST).unwrap(), "\"127.0.0.1\"");
}

#[test]
fn numbers_that_json_does_not_have_are_refused_with_their_place() {
    let error = |number: f64| encode(&everything(number)).unwrap_err().to_string();
    assert_eq!(error(f64::NAN), "cannot be written as JSON: variants[3].x: NaN is no JSON number");
    assert_eq!(error(f64::INFINITY), "cannot be written as JSON: variants[3].x: inf is no JSON number");
    assert_eq!(
        encode(&f32::NEG_INFINITY).unwrap_err().to_string(),
        "cannot be written as JSON: -inf is no JSON number"
    );
    let place = |error: super::super::EncodeError| String::from(error.path());
    assert_eq!(place(encode(&[(1.0, 2.0), (3.0, f64::NAN)]).unwrap_err()), "[1][1]");
    assert_eq!(place(encode(&Variant::Newtype(f64::NAN)).unwrap_err()), "Newtype");
    assert_eq!(place(encode(&vec![Variant::Tuple(1, f64::NAN)]).unwrap_err()), "[0][1]");
    let map = BTreeMap::from([("a", [Some(f64::NAN)])]);
    assert_eq!(place(encode(&map).unwrap_err()), "a[0]");
    assert_eq!(place(encode(&BTreeMap::from([(7, Tuple(1, f64::NAN))])).unwrap_err()), "7[1]");
}

#[test]
fn integers_of_more_than_64_bits_are_refused() {
    for (number, fits) in [(i128::from(u64::MAX), true), (i128::from(u64::MAX) + 1, false)] {
        assert_eq!(encode(&number).is_ok(), fits);
        assert_eq!(encode(&number.unsigned_abs()).is_ok(), fits);
    }
    assert_eq!(
        encode(&[i128::MIN]).unwrap_err().to_string(),
        "cannot be written as JSON: [0]: -170141183460469231731687303715884105728 does not fit 64 bits"
    );
}

#[test]
fn keys_have_to_be_texts_or_numbers() {
    let map = BTreeMap::from([((1, 2), 3)]);
    assert!(encode(&map).unwrap_err().to_string().contains("key must be a string"));
}
