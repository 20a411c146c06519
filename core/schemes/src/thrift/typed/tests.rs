use std::fmt::Debug;
use std::string::ToString;
use std::vec;

use super::super::Problem;
use super::*;
use crate::testing::hex;

fn both_ways<T: Wire + PartialEq + Debug>(value: &T, text: &str) {
    let bytes = hex(text);
    let mut to = Writer::new();
    value.write(&mut to).unwrap();
    assert_eq!(to.into_bytes(), bytes, "{value:?}");
    let mut from = Reader::new(&bytes);
    assert_eq!(&T::read(&mut from).unwrap(), value);
    assert_eq!(from.left(), 0, "{value:?}");
}

#[test]
fn each_rust_type_has_its_bytes() {
    both_ways(&true, "01");
    both_ways(&-1_i8, "ff");
    both_ways(&1_i16, "0001");
    both_ways(&1_i32, "00000001");
    both_ways(&1_i64, "0000000000000001");
    both_ways(&-0.5_f64, "bfe0000000000000");
    both_ways(&String::from("é"), "00000002 c3a9");
    both_ways(&Bytes::from_static(&[0, 255]), "00000002 00ff");
    both_ways(&Box::new(7_i8), "07");
    both_ways(&vec![1_i16, 2], "06 00000002 0001 0002");
    both_ways(&BTreeSet::from([1_i8, 2]), "03 00000002 01 02");
    both_ways(&Items(vec![2.0_f64]), "04 00000001 4000000000000000");
    both_ways(&BTreeMap::from([(true, vec![1_i8])]), "020f 00000001 01 03 00000001 01");
    both_ways(&Pairs(vec![(2_i8, false), (1, true)]), "0302 00000002 02 00 01 01");
}

#[test]
fn falsy_values_are_values() {
    both_ways(&false, "00");
    both_ways(&0_i64, "0000000000000000");
    both_ways(&String::new(), "00000000");
    both_ways(&Vec::<i64>::new(), "0a 00000000");
    both_ways(&BTreeMap::<String, bool>::new(), "0b02 00000000");
}

#[test]
fn of_equal_keys_the_last_value_counts() {
    let bytes = hex("0302 00000002 01 00 01 01");
    let map = BTreeMap::<i8, bool>::read(&mut Reader::new(&bytes)).unwrap();
    assert_eq!(map, BTreeMap::from([(1, true)]));
    let pairs = Pairs::<i8, bool>::read(&mut Reader::new(&bytes)).unwrap();
    assert_eq!(pairs.0, [(1, false), (1, true)]);
}

#[test]
fn items_of_another_type_are_refused_unless_there_are_none() {
    let error = Vec::<i32>::read(&mut Reader::new(&hex("0b 00000001 00000000"))).unwrap_err();
    assert_eq!(error.problem(), &Problem::WrongType { expected: Type::I32, got: Type::Binary });
    let error = BTreeMap::<i32, bool>::read(&mut Reader::new(&hex("0803 00000001 00000000 00"))).unwrap_err();
    assert_eq!(error.to_string(), "at byte 6: has the type i8, expected bool");
    assert_eq!(Vec::<i32>::read(&mut Reader::new(&hex("0b 00000000"))), Ok(vec![]));
}

#[test]
fn values_that_grow_too_large_in_memory_are_refused() {
    let bytes = hex("0e 00000003 04 00000000 04 00000000 04 00000000");
    let read = |memory| Vec::<Items<f64>>::read(&mut Reader::with_memory(&bytes, memory));
    let needed = 3 * size_of::<Items<f64>>();
    assert_eq!(read(needed).unwrap().len(), 3);
    let error = read(needed - 1).unwrap_err();
    assert_eq!(error.problem(), &Problem::TooLarge { needed, left: needed - 1 });
    let byte = hex("07");
    assert!(Box::<i8>::read(&mut Reader::with_memory(&byte, 0)).is_err());
}
