use super::*;

fn bytes(pieces: &[&str]) -> Result<Vec<u8>, String> {
    let mut digits = Digits::default();
    let mut bytes = Vec::new();
    for piece in pieces {
        bytes.extend(digits.take(piece.as_bytes()).map_err(|failure| failure.to_string())?);
    }
    digits.end().map_err(|failure| failure.to_string())?;
    Ok(bytes)
}

#[test]
fn digits_count_in_either_case_and_in_any_pieces() {
    assert_eq!(bytes(&["0a 0B:ff", "f", "f\n12"]), Ok(vec![0x0A, 0x0B, 0xFF, 0xFF, 0x12]));
}

#[test]
fn a_comment_reaches_to_the_end_of_its_line() {
    let late = bytes(&["# aa\n  # bb\n", "01 # no comment, as it does not begin the line"]);
    assert!(late.is_err_and(|words| words.contains("'#' in line 3 is no hexadecimal digit")));
    assert_eq!(bytes(&["# a", "a\n01"]), Ok(vec![1]));
}

#[test]
fn half_a_byte_is_refused_at_the_end_only() {
    assert_eq!(bytes(&["1", "2"]), Ok(vec![0x12]));
    assert!(bytes(&["123"]).is_err_and(|words| words.contains("half a byte")));
}
