//! The captured frames under `tests/frames`, as dumps.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::program::decode_of;

/// The frames of a group in hex, a line each: `[connection] c2s|s2c hex..`, where `61*9` is 61 nine times.
fn frames(group: &str) -> Vec<String> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/frames").join(group).with_extension("txt");
    let text = fs::read_to_string(path).expect("it is there");
    let frames = text.lines().filter(|line| !line.starts_with(['#', '=', '>'])).map(|line| {
        let words = line.split(' ').skip_while(|word| !["c2s", "s2c"].contains(word)).skip(1);
        let whole = words.map(|word| match word.split_once('*') {
            Some((unit, count)) => unit.repeat(count.parse().expect("a count")),
            None => word.to_owned(),
        });
        whole.collect::<String>()
    });
    frames.collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    (0..hex.len()).step_by(2).map(digit).collect()
}

#[test]
fn every_captured_frame_is_as_good_as_its_sender_as_hex_and_as_raw() {
    for group in ["handshake", "calls", "fragments", "streaming", "errors", "schemes", "hyperbahn"] {
        let frames = frames(group);
        let said = decode_of(&["--hex", "--json", "-"], frames.join("\n").as_bytes());
        let faults: Vec<_> =
            said.values().iter().filter_map(|value| value.get("malformed").cloned()).collect();
        // tchannel-node leaves arg3 out when arg2 fills its frame.
        let known: &[&str] = if group == "fragments" { &["expected 3 args, got 2"] } else { &[] };
        assert_eq!(faults, known.iter().copied().map(Value::from).collect::<Vec<_>>(), "{group}");
        assert_eq!(said.code, i32::from(!known.is_empty()), "{group}");
        assert_eq!(said.out.lines().count(), frames.len(), "{group}: {}", said.err);
        let raw = decode_of(&["--raw", "--json", "-"], &bytes(&frames.concat()));
        assert!(raw.code == said.code && raw.out == said.out, "{group}: {}", raw.err);
    }
}

#[test]
fn faulty_frames_are_marked_and_end_with_1() {
    let mut faulty = 0;
    for group in ["to-servers", "to-clients"] {
        let mut frames = frames(group);
        frames.sort();
        frames.dedup();
        for frame in frames {
            let said = decode_of(&["--hex", "--explain", "-"], frame.as_bytes());
            let marked = said.out.contains("! ");
            assert_eq!(said.code, i32::from(marked), "{frame}: {said:?}");
            faulty += usize::from(marked);
        }
    }
    assert_eq!(faulty, 24);
}

#[test]
fn a_dump_may_be_wrapped_anyhow() {
    let hex = frames("calls").concat();
    let plain = decode_of(&["--hex", "-"], hex.as_bytes());
    let mut wrapped = String::new();
    for (number, line) in hex.as_bytes().chunks(61).enumerate() {
        let line = String::from_utf8(line.to_vec()).expect("digits");
        writeln!(wrapped, "# line {number}: 00\n  {line}").expect("it has room");
    }
    assert_eq!(decode_of(&["--hex", "-"], wrapped.as_bytes()).out, plain.out);
}
