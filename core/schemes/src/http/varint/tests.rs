use std::vec;

use super::LengthOrder::{LeastSignificantFirst, MostSignificantFirst};
use super::*;

fn head(order: LengthOrder, len: usize) -> Vec<u8> {
    let mut out = vec![];
    order.put(&mut out, Part::Url, &vec![0; len]).unwrap();
    out.truncate(out.len() - len);
    out
}

#[test]
fn worked_lengths_have_their_bytes() {
    for (len, most, least) in [
        (0, &[0][..], &[0][..]),
        (127, &[0x7F], &[0x7F]),
        (128, &[0x81, 0x00], &[0x80, 0x01]),
        (300, &[0x82, 0x2C], &[0xAC, 0x02]),
        (16_383, &[0xFF, 0x7F], &[0xFF, 0x7F]),
        (16_384, &[0x81, 0x80, 0x00], &[0x80, 0x80, 0x01]),
    ] {
        assert_eq!(head(MostSignificantFirst, len), most);
        assert_eq!(head(LeastSignificantFirst, len), least);
        assert_eq!(MostSignificantFirst.take(most), Some((len, &[][..])));
        assert_eq!(LeastSignificantFirst.take(least), Some((len, &[][..])));
    }
}

#[test]
fn five_bytes_are_the_most() {
    for order in [MostSignificantFirst, LeastSignificantFirst] {
        assert_eq!(order.take(&[0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 9]), Some(((1 << 35) - 1, &[9][..])));
        assert_eq!(order.take(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x00]), None);
        assert_eq!(order.take(&[0x80; 3]), None);
        assert_eq!(order.take(&[]), None);
    }
}
