//! Bytes written as text, so that a case shows what is on the wire.
//!
//! Pairs of hex digits; `'text'` for ASCII; `{61*300}` for 300 times 61; upper-case words for the parts below. Spaces
//! mean nothing. No length and no checksum is ever made up: what a case says is what arrives.

/// Words for the parts that most frames share; they are those of the captured hostile frames.
const WORDS: &[(&str, &str)] = &[
    // tracing: span, parent, trace, flags
    ("T", "0000000000001111 0000000000000000 0000000000001111 00"),
    ("ZERO", "{00*25}"),
    // a ttl of two seconds
    ("TTL", "000007d0"),
    // service and transport headers of a request
    ("ROUTE", "04'echo' 02 02'as'03'raw' 02'cn'05'probe'"),
    // transport headers of a response
    ("RAW", "01 02'as'03'raw'"),
    // the arguments of a request, and of its answer
    ("ARGS", "0004'echo' 0001'h' 0004'body'"),
    ("ANSWER", "0000 0001'h' 0004'body'"),
    // init headers without which there is no handshake
    ("REQUIRED", "0009'host_port' 0009'0.0.0.0:0' 000c'process_name' 0005'probe'"),
];

/// The bytes that `text` stands for.
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        rest = piece(rest, &mut out).trim_start();
    }
    out
}

fn piece<'a>(text: &'a str, out: &mut Vec<u8>) -> &'a str {
    if let Some(quoted) = text.strip_prefix('\'') {
        let (inside, rest) = quoted.split_once('\'').unwrap_or_else(|| panic!("no closing quote: {text}"));
        out.extend_from_slice(inside.as_bytes());
        return rest;
    }
    if let Some(repeat) = text.strip_prefix('{') {
        let (inside, rest) = repeat.split_once('}').unwrap_or_else(|| panic!("no closing brace: {text}"));
        let (unit, count) = inside.rsplit_once('*').unwrap_or_else(|| panic!("no count: {text}"));
        out.extend(bytes(unit).repeat(number(count)));
        return rest;
    }
    if text.starts_with(|first: char| first.is_ascii_uppercase()) {
        let end = text.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        let (_, meaning) =
            WORDS.iter().find(|(name, _)| *name == word).unwrap_or_else(|| panic!("no such word: {word}"));
        out.extend(bytes(meaning));
        return rest;
    }
    let pair = text.get(..2).unwrap_or_else(|| panic!("half a byte: {text}"));
    out.push(u8::from_str_radix(pair, 16).unwrap_or_else(|_| panic!("not hex: {text}")));
    &text[2..]
}

/// Bytes as hex digits.
pub(crate) fn text(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        text.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])));
        text
    })
}

/// A decimal number.
pub(crate) fn number(text: &str) -> usize {
    text.trim().parse().unwrap_or_else(|_| panic!("not a number: {text}"))
}

#[test]
fn text_stands_for_its_bytes() {
    assert_eq!(bytes("0004'echo' {6162*2} ff"), b"\x00\x04echoabab\xff");
    assert_eq!(bytes("T").len(), 25);
    assert_eq!(text(b"\x0f\xa0"), "0fa0");
}
