use alloc::string::ToString;

use bytes::Bytes;

use crate::thrift::Reader;

fn read(bytes: &'static [u8]) -> Result<i8, crate::thrift::DecodeError> {
    let message = Bytes::from_static(bytes);
    Reader::new(&message).union(|from, field| match field.id {
        1 | 2 => from.value(field, "value").map(Some),
        _ => Ok(None),
    })
}

#[test]
fn the_one_field_is_the_value() {
    assert_eq!(read(&[3, 0, 1, 7, 0]), Ok(7));
    assert_eq!(read(&[3, 0, 9, 5, 3, 0, 2, 8, 2, 0, 10, 1, 0]), Ok(8));
}

#[test]
fn none_or_two_are_an_error() {
    let none = read(&[3, 0, 9, 5, 0]).unwrap_err();
    assert_eq!(none.to_string(), "at byte 0: has 0 known fields, a union has exactly one");
    let two = read(&[3, 0, 1, 7, 3, 0, 1, 7, 0]).unwrap_err();
    assert_eq!(two.to_string(), "at byte 0: has 2 known fields, a union has exactly one");
}

#[test]
fn a_field_of_another_type_is_an_error() {
    assert_eq!(
        read(&[2, 0, 1, 1, 0]).unwrap_err().to_string(),
        "value at byte 3: has the type bool, expected i8"
    );
}
