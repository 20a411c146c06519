use serde_json::Value;

use super::program::{capture, decode};

fn calls(words: &[&str]) -> Vec<Value> {
    let said = decode(&[words, &["--json", "--calls", &capture("node-node.pcap")]].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    said.values()
}

fn frames(words: &[&str]) -> Vec<Value> {
    let said = decode(&[words, &["--json", &capture("node-node.pcap")]].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    said.values()
}

#[test]
fn services_are_chosen_and_left_out() {
    let (all, echo, not) = (calls(&[]), calls(&["-s", "echo"]), calls(&["-s", "~echo"]));
    assert!(echo.iter().all(|call| call["service"] == "echo"));
    assert!(!not.is_empty() && not.iter().all(|call| call["service"] == "interop-client"));
    assert_eq!(echo.len() + not.len(), all.len());
    assert_eq!(calls(&["-s", "echo", "-s", "interop-client"]).len(), all.len());
    assert_eq!(calls(&["-s", "none"]).len(), 0);
}

#[test]
fn endpoints_are_chosen_and_left_out() {
    let some = calls(&["-1", "app-error", "--arg1", "sys-busy"]);
    assert_eq!(some.len(), 2);
    let rest = calls(&["--endpoint", "~echo"]);
    assert!(!rest.is_empty() && rest.iter().all(|call| call["request"]["arg1"] != "echo"));
}

#[test]
fn what_belongs_to_no_call_passes_only_without_a_choice() {
    let types = |frames: &[Value]| frames.iter().filter(|frame| frame["type"] == "init req").count();
    assert!(types(&frames(&[])) > 0);
    assert!(types(&frames(&["-s", "~echo"])) > 0);
    assert_eq!(types(&frames(&["-s", "echo"])), 0);
}

#[test]
fn answers_are_chosen_by_their_kind() {
    for (kind, outcome) in [("ok", "ok"), ("notok", "not ok"), ("error", "error")] {
        let calls = calls(&["--responses", kind]);
        assert!(!calls.is_empty() && calls.iter().all(|call| call["outcome"] == outcome), "{kind}");
    }
    assert!(frames(&["--responses", "error"]).iter().all(|frame| frame["type"] == "error"));
    let ok = frames(&["--responses", "ok"]);
    assert!(ok.iter().all(|frame| frame["type"] == "call res" || frame["type"] == "call res continue"));
    assert!(ok.iter().any(|frame| frame["type"] == "call res continue"));
}

#[test]
fn ports_are_chosen() {
    let all = frames(&[]);
    let (from, to) = (&all[0]["from"], &all[0]["to"]);
    let port = |address: &Value| {
        address.as_str().and_then(|text| text.rsplit(':').next()).expect("a port").to_owned()
    };
    assert_eq!(frames(&["--port", &port(to)]).len(), all.len());
    let one = frames(&["-p", &port(from)]);
    assert!(!one.is_empty() && one.len() < all.len());
    let none = decode(&["-p", "1", &capture("node-node.pcap")]);
    assert_eq!((none.code, none.out.len()), (0, 0));
    assert!(none.err.contains("no frames"), "{}", none.err);
}
