use std::collections::BTreeMap;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::*;

fn read<T: DeserializeOwned>(text: &str, memory: usize) -> Result<T, String> {
    let mut from = serde_json::Deserializer::from_str(text);
    let memory = Memory(Cell::new(memory));
    T::deserialize(Bounded::new(&mut from, &memory)).map_err(|error| error.to_string())
}

#[derive(Debug, PartialEq, Deserialize)]
struct Everything {
    bool: bool,
    text: String,
    char: char,
    unit: (),
    nothing: Option<f64>,
    something: Option<f64>,
    newtype: Newtype,
    tuple: Tuple,
    variants: Vec<Variant>,
    map: BTreeMap<u8, f32>,
    #[serde(default)]
    absent: i64,
    large: u128,
    #[serde(flatten)]
    extra: BTreeMap<String, Value>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Newtype(u64);

#[derive(Debug, PartialEq, Deserialize)]
struct Tuple(i16, f64);

#[derive(Debug, PartialEq, Deserialize)]
enum Variant {
    Unit,
    Newtype(f64),
    Tuple(u8, f64),
    Struct { x: f64 },
}

const EVERYTHING: &str = r#"{
    "bool": true, "text": "a\u00e9", "char": "b", "unit": null, "nothing": null, "something": 0.5, "newtype": 7,
    "tuple": [-7, 0.1], "variants": ["Unit", {"Newtype": 1}, {"Tuple": [1, 2.5]}, {"Struct": {"x": 3.5}}],
    "map": {"7": 1.5}, "large": 18446744073709551616, "other": [null, {"a": 1}], "ignored": 1
}"#;

#[test]
fn all_that_serde_knows_is_read_as_serde_json_does() {
    let plain: Everything = serde_json::from_str(EVERYTHING).unwrap();
    assert_eq!(plain.variants.len(), 4);
    assert_eq!(read::<Everything>(EVERYTHING, 1 << 20), Ok(plain));
    let value: Value = serde_json::from_str(EVERYTHING).unwrap();
    assert_eq!(read::<Value>(EVERYTHING, 1 << 20), Ok(value));
    let error = serde_json::from_str::<Vec<bool>>("[true, 1]").unwrap_err().to_string();
    assert_eq!(read::<Vec<bool>>("[true, 1]", 1 << 20), Err(error));
}

#[test]
fn items_are_counted_by_the_size_of_their_type() {
    let items = |memory| read::<Vec<u64>>("[1,2,3,4,5]", memory);
    // The first brings room for four.
    assert_eq!(items(8 * 8), Ok(vec![1, 2, 3, 4, 5]));
    assert_eq!(items(8 * 8 - 1), Err("takes too much memory for its size at line 1 column 11".into()));
    assert_eq!(read::<Vec<()>>("[null,null]", 0), Ok(vec![(), ()]));
    assert_eq!(read::<u64>("7", 0), Ok(7));
}

#[test]
fn pairs_are_counted_with_what_maps_add() {
    let pairs = |memory| read::<BTreeMap<u8, u64>>(r#"{"1":1,"2":2}"#, memory);
    assert_eq!(pairs(5 * 8 + 2 * (1 + 24)).map(|map| map.len()), Ok(2));
    assert!(pairs(5 * 8 + 2 * (1 + 24) - 1).is_err());
}

#[test]
fn values_within_values_are_counted_too() {
    let small = |text: &str| read::<Value>(text, 4 * size_of::<Value>());
    assert!(small("[[],[],[]]").is_err(), "four of the first, and two");
    assert!(small("[[1]]").is_err());
    assert!(small("[1]").is_ok());
    assert!(small(r#"{"a":{"b":1}}"#).is_err());
    assert!(read::<Vec<Option<Variant>>>(r#"[{"Struct":{"x":1}}]"#, size_of::<Variant>()).is_err());
}
