use alloc::format;
use alloc::string::ToString;
use alloc::vec;

use proptest::prelude::*;

use super::*;

#[test]
fn texts_and_other_entries_are_told_apart() {
    let read = entries(" [ \"a\" , 17, null,[\"b\"] ,{\"c\":-1.5e+3}, \"\"]\n").expect("valid");
    let text = |text: &str| Entry::Text(text.into());
    let other = Entry::Other;
    let wanted =
        vec![text("a"), other("17"), other("null"), other("[\"b\"]"), other("{\"c\":-1.5e+3}"), text("")];
    assert_eq!(read, wanted);
    assert_eq!(entries("[]"), Ok(vec![]));
}

#[test]
fn escapes_are_read() {
    let read = entries(r#"["\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00é"]"#).expect("valid");
    assert_eq!(read, [Entry::Text("\"\\/\u{8}\u{c}\n\r\tA\u{e9}\u{1f600}\u{e9}".into())]);
}

#[test]
fn error_says_what_was_expected_and_where() {
    for (document, said) in [
        ("", "expected an array at byte 0"),
        ("{\"a\":1}", "expected an array at byte 0"),
        ("[", "expected a value at byte 1"),
        ("[\"a\"", "expected `,` or `]` at byte 4"),
        ("[\"a\" \"b\"]", "expected `,` or `]` at byte 5"),
        ("[\"a\",]", "expected a value at byte 5"),
        ("[\"a\"] x", "expected the end at byte 6"),
        ("[\"a\n\"]", "expected `\"` at byte 3"),
        ("[\"\\x\"]", "expected an escape at byte 3"),
        ("[\"\\u12g4\"]", "expected four hexadecimal digits at byte 3"),
        ("[\"\\ud800\"]", "expected the other half of a character at byte 8"),
        ("[\"\\ud800\\u0041\"]", "expected the other half of a character at byte 14"),
        ("[01]", "expected `,` or `]` at byte 2"),
        ("[-]", "expected a digit at byte 2"),
        ("[1.]", "expected a digit at byte 3"),
        ("[nul]", "expected a value at byte 1"),
        ("[{1:2}]", "expected a text at byte 2"),
        ("[{\"a\" 2}]", "expected `:` at byte 6"),
    ] {
        let error = entries(document).expect_err(document);
        assert_eq!(error.to_string(), said, "{document}");
    }
}

#[test]
fn count_is_found_among_other_members() {
    for (document, wanted) in [
        ("{\"connectionCount\":3}", 3),
        ("{\"connectionCount\": 1}", 1),
        (" { \"x\" : [ {} ], \"connectionCount\" : 0 , \"y\" : \"connectionCount\" }\n", 0),
        ("{\"connectionCount\":1,\"connectionCount\":2}", 2),
        ("{\"connection\\u0043ount\":18446744073709551615}", u64::MAX),
    ] {
        assert_eq!(count(document.as_bytes(), "connectionCount"), Ok(wanted), "{document}");
    }
}

#[test]
fn anything_but_a_count_in_an_object_is_refused() {
    for document in [
        "",
        "null",
        "3",
        "[3]",
        "{}",
        "{\"connectionCount\":\"3\"}",
        "{\"connectionCount\":-1}",
        "{\"connectionCount\":1.5}",
        "{\"connectionCount\":18446744073709551616}",
        "{\"connectionCount\":null}",
        "{\"connectionCount\":3",
        "{\"connectionCount\":3}}",
        "{\"a\":{\"connectionCount\":3}}",
    ] {
        assert!(count(document.as_bytes(), "connectionCount").is_err(), "{document}");
    }
    let error = count(b"{\"a\":\"\xff\"}", "a").expect_err("not UTF-8");
    assert_eq!(error.to_string(), "expected UTF-8 at byte 6");
}

#[test]
fn depth_without_end_is_refused() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(entries(&nested(128)).is_ok());
    let error = entries(&nested(129)).expect_err("one too deep");
    assert_eq!(error.to_string(), "expected a document less deep at byte 128");
    assert!(entries(&"[".repeat(1_000_000)).is_err());
    assert!(entries(&"[{\"a\":".repeat(1_000_000)).is_err());
}

/// Pieces from which valid and nearly valid documents come up often.
fn nearly_json() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"a\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"",
        "\\",
        "0",
        "-1",
        "1.5",
        "2e3",
        "00",
        ".5",
        "true",
        "false",
        "null",
        "nul",
        " ",
        "\n",
        "\u{e9}",
        "\u{0}",
    ]);
    prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn same_arrays_are_read_as_by_serde_json(document in nearly_json(), wrapped in any::<bool>()) {
        let document = if wrapped { format!("[{document}]") } else { document };
        let oracle = serde_json::from_str::<Vec<serde_json::Value>>(&document).ok();
        let ours = entries(&document).ok().map(|entries| {
            let value = |entry| match entry {
                Entry::Text(text) => serde_json::Value::String(text),
                Entry::Other(other) => serde_json::from_str(other).expect("a valid value"),
            };
            entries.into_iter().map(value).collect::<Vec<_>>()
        });
        prop_assert_eq!(ours, oracle);
    }

    #[test]
    fn same_counts_are_read_as_by_serde_json(members in nearly_json(), count_text in "[0-9]{1,21}") {
        let document = format!("{{\"n\":{count_text}{members}}}");
        let oracle = serde_json::from_str::<serde_json::Value>(&document).ok();
        let oracle = oracle.and_then(|value| value.get("n")?.as_u64());
        prop_assert_eq!(count(document.as_bytes(), "n").ok(), oracle);
    }

    #[test]
    fn written_texts_are_those_of_serde_json(text in any::<String>()) {
        let mut out = String::new();
        put_text(&mut out, &text);
        prop_assert_eq!(out, serde_json::to_string(&text).expect("a text"));
    }

    #[test]
    fn no_bytes_are_harmful(bytes in any::<Vec<u8>>()) {
        let _ = count(&bytes, "n");
        let _ = entries(&String::from_utf8_lossy(&bytes));
    }
}
