use super::*;

#[test]
fn json_has_no_control_characters_and_means_the_same() {
    for text in ["plain", "\u{1b}[2J", "\u{7f}\u{80}\u{9b}31m\u{9f}", "ä\u{a0}€"] {
        let value = Value::from(text);
        let written = json(&value);
        assert!(!written.contains(char::is_control), "{written:?}");
        assert_eq!(serde_json::from_str::<Value>(&written).expect("it is JSON"), value);
    }
}
