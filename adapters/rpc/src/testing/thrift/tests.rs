use super::{string_exception, string_result, two_strings};

const GET: &[u8] = &[11, 0, 1, 0, 0, 0, 3, b'f', b'o', b'o', 0];
const SET: &[u8] = &[11, 0, 1, 0, 0, 0, 1, b'k', 11, 0, 2, 0, 0, 0, 1, b'v', 0];

#[test]
fn known_bytes_are_read_and_written() {
    assert_eq!(two_strings(GET, 1), Some([b"foo".to_vec(), Vec::new()]));
    assert_eq!(two_strings(SET, 2), Some([b"k".to_vec(), b"v".to_vec()]));
    assert_eq!(string_result(b"bar"), [11, 0, 0, 0, 0, 0, 3, b'b', b'a', b'r', 0]);
    assert_eq!(string_exception(b"x"), [12, 0, 1, 11, 0, 1, 0, 0, 0, 1, b'x', 0, 0]);
}

#[test]
fn anything_else_is_refused() {
    for end in 0..SET.len() {
        assert_eq!(two_strings(&SET[..end], 2), None, "{end} bytes");
    }
    assert_eq!(two_strings(GET, 2), None, "a field is missing");
    assert_eq!(two_strings(SET, 1), None, "a field too many");
    assert_eq!(two_strings(&[255, 255], 1), None);
    assert_eq!(two_strings(&[11, 0, 1, 255, 255, 255, 255, 0], 1), None, "negative length");
}
