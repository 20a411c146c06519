use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::program::{capture, decode, decode_of};

const ALL: [&str; 5] = ["node-node", "python-python", "node-rust", "rust-rust", "long"];

#[test]
fn captures_of_real_programs_have_nothing_malformed() {
    for name in ALL {
        let said = decode(&["--json", &capture(&format!("{name}.pcap"))]);
        assert_eq!((said.code, &*said.err), (0, ""), "{name}");
        let values = said.values();
        assert!(values.len() > 70 && values.iter().all(|value| value.get("malformed").is_none()), "{name}");
        assert!(values.iter().all(|value| value.get("event").is_none()), "{name}");
    }
}

#[test]
fn a_call_is_one_line_of_json() {
    let said = decode(&["--json", "--calls", "--arg1", "json-error", &capture("node-node.pcap")]);
    let [call] = &said.values()[..] else { panic!("{}", said.out) };
    assert_eq!(call["outcome"], "not ok");
    assert_eq!(call["service"], "echo");
    assert_eq!(call["request"]["arg3"], json!({ "q": 1 }));
    assert_eq!(call["answer"]["arg3"]["type"], "interop.json-error");
    assert_eq!(call["request"]["headers"]["as"], "json");
    assert_eq!((&call["request"]["whole"], &call["answer"]["whole"]), (&json!(true), &json!(true)));
    let latency = call["latency_ms"].as_f64().expect("a number");
    assert!(latency > 0.0 && latency < 1_000.0, "{latency}");
    let at = call["at"].as_str().expect("a time");
    assert!(at.starts_with("2026-11-22T07:") && at.ends_with('Z'), "{at}");
}

#[test]
fn frames_of_a_call_name_it() {
    let said = decode(&["--json", "--arg1", "stream", &capture("node-node.pcap")]);
    let frames = said.values();
    let types: Vec<&Value> = frames.iter().map(|frame| &frame["type"]).collect();
    assert!(types.contains(&&json!("call req continue")) && types.contains(&&json!("call res continue")));
    assert!(frames.iter().all(|frame| frame["call"] == frames[0]["call"]));
    assert!(frames.last().is_some_and(|last| last["latency_ms"].is_f64()));
}

#[test]
fn text_has_a_line_for_each_frame_and_no_colours_in_a_pipe() {
    let said = decode(&[&capture("long.pcap")]);
    assert_eq!((said.code, said.out.lines().count()), (0, 183));
    assert!(!said.out.contains('\x1b'));
    let lines: Vec<&str> = said.out.lines().take(4).collect();
    assert!(lines[0].contains(" -> ") && lines[0].contains(" init req "), "{}", lines[0]);
    assert!(lines[2].contains("echo echo ttl=") && lines[3].contains(" <- "), "{}", lines[2]);
    let column = |line: &str, word: &str| line.find(word).expect("it is there");
    assert_eq!(column(lines[0], "init req"), column(lines[2], "call req"));
}

#[test]
fn calls_as_text_tell_how_they_ended() {
    let said = decode(&["--calls", &capture("node-node.pcap")]);
    for (arg1, ended) in
        [("sys-busy", "busy"), ("app-error", "not ok"), ("sleep", "cancelled"), ("reverse", "ok")]
    {
        let found =
            said.out.lines().any(|line| line.contains(&format!("echo {arg1}")) && line.contains(ended));
        assert!(found, "{arg1}: {ended}\n{}", said.out);
    }
}

#[test]
fn thrift_is_told_by_its_file() {
    let idl = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/peers/idl/keyvalue.thrift");
    let said = decode(&["--json", "--calls", "-t", idl, "--service", "echo", &capture("node-node.pcap")]);
    let calls = said.values();
    let of =
        |endpoint: &str| calls.iter().filter(|call| call["request"]["arg1"] == endpoint).collect::<Vec<_>>();
    let set = of("KeyValue::setValue");
    let key = &set[0]["request"]["arg3"]["key"];
    assert!(key.is_string(), "{}", set[0]);
    let get = of("KeyValue::getValue");
    assert_eq!(get[0]["request"]["arg3"]["key"], *key);
    assert_eq!(get[0]["answer"]["arg3"]["success"], set[0]["request"]["arg3"]["value"]);
    let missing = get.iter().find(|call| call["outcome"] == "not ok").expect("one was not found");
    assert!(missing["answer"]["arg3"]["notFound"]["key"].is_string(), "{missing}");
}

#[test]
fn records_come_as_packets_do() {
    let file = std::fs::read(capture("long.pcap")).expect("it is there");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tchannel"));
    command.args(["decode", "--json", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    // All but the last packet: their frames come before the pipe ends.
    let (now, later) = file.split_at(file.len() - 200);
    stdin.write_all(now).expect("it reads");
    stdin.flush().expect("it reads");
    for _ in 0..170 {
        lines.next().expect("a line").expect("text");
    }
    stdin.write_all(later).expect("it reads");
    drop(stdin);
    assert_eq!(lines.count(), 13);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn what_cannot_be_written_ends_with_125() {
    let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tchannel"));
    let output = command.args(["decode", &capture("long.pcap")]).stdout(full).output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(125) && said.contains("cannot write"), "{output:?}");
}

#[test]
fn fields_are_explained_with_their_places() {
    let frame = b"# a comment\n00:34:ff:00 00000002 0000000000000000 03\n1111111111111111 0000000000000000 1111111111111111\n\
        00 0008 746f6f2062757379\n";
    let said = decode_of(&["--hex", "--explain", "-"], frame);
    assert_eq!(said.code, 0);
    let lines: Vec<String> =
        said.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(lines[1], "0 0034 size 52 bytes");
    assert_eq!(lines[6], "16 03 code busy");
    assert_eq!(lines[10], "41 00 trace flags not sampled");
    assert_eq!(lines[11], r#"42 0008746f6f206275.. message 8 bytes: "too busy""#);
    let said = decode_of(&["--hex", "--explain", "--json", "-"], frame);
    let fields = &said.values()[0]["fields"];
    assert_eq!(
        fields[10],
        json!({ "at": 42, "name": "message", "bytes": "0008746f6f2062757379", "value": "8 bytes: \"too busy\"" })
    );
}

#[test]
fn arguments_are_cut_unless_they_are_wanted_whole() {
    // A call req of 5000 times `x`, without a checksum.
    let body = format!("00 000003e8 {} 0173 00 00 0001 61 0000 1388 {}", "00".repeat(25), "78".repeat(5_000));
    let size = format!("{:04x}", 16 + 1 + 4 + 25 + 2 + 1 + 1 + 3 + 2 + 2 + 5_000);
    let frame = format!("{size} 03 00 00000001 0000000000000000 {body}");
    let arg3 = |words: &[&str]| {
        let said = decode_of(&[&["--hex", "--json", "-"], words].concat(), frame.as_bytes());
        let value = said.values().remove(0);
        assert_eq!(value["bytes"], json!([1, 0, 5_000]));
        value["arg3"].as_str().map(str::len)
    };
    assert_eq!((arg3(&[]), arg3(&["--whole"])), (Some(1_024), Some(5_000)));
    let said = decode_of(&["--hex", "-"], frame.as_bytes());
    assert!(said.out.contains(&format!("arg3=\"{}\".. (5000 bytes)", "x".repeat(120))), "{}", said.out);
}
