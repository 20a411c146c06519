use super::*;

fn truncated(offset: usize, needed: usize, left: usize) -> Malformed {
    Malformed::new(Field::Ttl, offset, Problem::Truncated { needed, left })
}

#[test]
fn numbers_are_big_endian() {
    let mut cursor = Cursor::new(&[1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(cursor.u8(Field::Ttl), Ok(0x01));
    assert_eq!(cursor.u16(Field::Ttl), Ok(0x0203));
    assert_eq!(cursor.u32(Field::Ttl), Ok(0x0405_0607));
    assert!(cursor.rest().is_empty());
}

#[test]
fn reading_past_the_end_says_where_and_moves_nothing() {
    let mut cursor = Cursor::new(&[1, 2, 3]);
    cursor.u8(Field::Ttl).unwrap();
    assert_eq!(cursor.u32(Field::Ttl), Err(truncated(1, 4, 2)));
    assert_eq!(cursor.bytes(Field::Ttl, 3), Err(truncated(1, 3, 2)));
    assert_eq!(cursor.u16(Field::Ttl), Ok(0x0203));
    assert_eq!(cursor.u8(Field::Ttl), Err(truncated(3, 1, 0)));
}

#[test]
fn short_and_long_texts_carry_their_length() {
    let mut cursor = Cursor::new(&[2, b'h', b'i', 0, 1, b'x', 0, 0, 0]);
    assert_eq!(cursor.short(Field::Why), Ok(b"hi".as_slice()));
    assert_eq!(cursor.long(Field::Why), Ok(b"x".as_slice()));
    assert_eq!(cursor.since(3), [0, 1, b'x']);
    assert_eq!(cursor.long(Field::Why), Ok(b"".as_slice()));
    assert_eq!(cursor.short(Field::Why), Ok(b"".as_slice()));
    assert!(cursor.rest().is_empty());
}

#[test]
fn length_beyond_the_end_is_truncated_behind_the_length() {
    let mut cursor = Cursor::new(&[0xFF, 0xFF, 1, 2]);
    assert_eq!(cursor.long(Field::Ttl), Err(truncated(2, 65_535, 2)));
}
