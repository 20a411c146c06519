//! A case's script: what happens, and the exact reaction to it.
//!
//! ```text
//! # a comment
//! < call req 2: 00 TTL T ROUTE 00 ARGS       the peer sends a frame; lines that follow each other arrive as one block
//! <*20 ping req 7+:                          twenty frames, ids 7 to 26
//! @ 500ms                                    time passes
//! ! respond 2 ok 'h' 'body'                  the owner acts (act.rs)
//!   = gone                                   ... with this result; without the line it is `ok`
//!   > error 2 bad request T "…"              the connection sends a frame (sent.rs); `…` stands for any text
//!   > raw: 0010 d1 00 00000007 {00*8}        ... exactly these bytes
//!   > size 37 call req continue 3 …          ... of so many bytes
//!   > call req 3 CALLED                      ... what `call 'echo' 'h' 'body'` sends
//!   * request 2 HEAD none 2000ms 'echo' …    an event (seen.rs); HEAD: what ROUTE and T look like there
//!   fatal: …                                 the reaction "fatal" of section 10.3: frame, failed calls, closed
//!   closes: …                                all calls fail with Network, closed for this reason, no frame
//! ```
//!
//! After each step the lists of frames and of events must be exactly those of the case, in their order. `readable` and
//! `writable` are hints that may come early: they count only in steps that name one of them.

use super::act;
use super::frame::frame;
use super::hex;
use super::play::Play;
use super::sent::Sent;

/// How ROUTE and T show in an event.
const HEAD: &str = "echo [as=raw cn=probe] T";
/// How `call 'echo' 'h' 'body'` shows on the wire.
const CALLED: &str = "ttl 3600000 echo [cn=probe as=raw] T none 'echo' 'h' 'body'";

/// What happens in one step.
#[derive(Debug)]
enum Stimulus {
    Input(Vec<u8>),
    Advance(String),
    Act(String),
}

/// How a connection ends within a step.
#[derive(Debug)]
enum End {
    /// Section 10.3; the text.
    Fatal(String),
    /// The reason.
    Closes(String),
}

/// One step and its reaction.
#[derive(Debug)]
struct Step {
    first_line: String,
    stimulus: Stimulus,
    result: String,
    sends: Vec<String>,
    events: Vec<String>,
    end: Option<End>,
}

/// The calls in flight that have nothing to do with what the case is about: our id and the peer's.
#[derive(Clone, Copy)]
pub(crate) struct Witnesses {
    pub(crate) outgoing: u32,
    pub(crate) incoming: u32,
}

/// Plays a script to its end; gives whether the connection is still there, or what went wrong.
pub(crate) fn run(play: &mut Play, script: &str, witnesses: Option<Witnesses>) -> Result<bool, String> {
    let mut alive = true;
    for mut step in parse(script) {
        let result = match &step.stimulus {
            Stimulus::Input(bytes) => {
                play.feed(bytes);
                "ok".into()
            }
            Stimulus::Advance(by) => {
                play.advance(act::duration(by));
                "ok".into()
            }
            Stimulus::Act(line) => {
                let result = act::act(play, line);
                play.settle();
                result
            }
        };
        let ends = step.end.is_some() || step.events.iter().any(|line| line.starts_with("closed "));
        alive &= !ends;
        expect_end(&mut step, play, witnesses);
        compare(play, &step, &result, ends)
            .map_err(|difference| format!("at `{}`:\n{difference}", step.first_line))?;
    }
    Ok(alive)
}

/// Writes the end of a connection out as frames and events.
fn expect_end(step: &mut Step, play: &Play, witnesses: Option<Witnesses>) {
    let (code, reason) = match step.end.take() {
        None => return,
        Some(End::Closes(reason)) => ("network", reason),
        Some(End::Fatal(text)) => {
            let to_node = play.tap.peer.handshake_done && play.tap.peer.language == Some("node");
            if !to_node {
                step.sends.push(format!("error none fatal - \"{text}\""));
            }
            let useless = text == "too many useless frames";
            ("fatal", if useless { text } else { format!("protocol error: {text}") })
        }
    };
    if let Some(witnesses) = witnesses {
        step.events.push(format!("failed {} {code} local …", witnesses.outgoing));
        step.events.push(format!("abandoned {} network", witnesses.incoming));
    }
    step.events.push(format!("closed {reason}"));
}

fn compare(play: &mut Play, step: &Step, result: &str, unordered: bool) -> Result<(), String> {
    if !matches(&step.result, result) {
        return Err(format!("  expected result: {}\n  actual result:   {result}", step.result));
    }
    let sent = std::mem::take(&mut play.sent);
    let same = sent.len() == step.sends.len()
        && sent.iter().zip(&step.sends).all(|(sent, expected)| is_sent(expected, sent));
    if !same {
        let sent: Vec<_> =
            sent.iter().map(|sent| format!("size {} {}", sent.bytes.len(), sent.text)).collect();
        return Err(difference("frames", &step.sends, &sent));
    }
    let mut events = std::mem::take(&mut play.events);
    let is_edge = |line: &String| line.starts_with("readable ") || line.starts_with("writable ");
    if !step.events.iter().any(is_edge) {
        events.retain(|line| !is_edge(line));
    }
    let mut expected = step.events.clone();
    if unordered {
        // Only `closed` has a place among the calls that end with the connection: the last.
        for lines in [&mut expected, &mut events] {
            let last = lines.len().saturating_sub(1);
            lines[..last].sort();
        }
    }
    let same = events.len() == expected.len()
        && events.iter().zip(&expected).all(|(event, expected)| matches(expected, event));
    if same { Ok(()) } else { Err(difference("events", &expected, &events)) }
}

fn is_sent(expected: &str, sent: &Sent) -> bool {
    if let Some(bytes) = expected.strip_prefix("raw:") {
        return sent.bytes == hex::bytes(bytes);
    }
    match expected.strip_prefix("size ").and_then(|rest| rest.split_once(' ')) {
        Some((size, expected)) => sent.bytes.len() == hex::number(size) && matches(expected, &sent.text),
        None => matches(expected, &sent.text),
    }
}

fn difference(what: &str, expected: &[String], actual: &[String]) -> String {
    let list = |lines: &[String]| match lines {
        [] => "\n    (none)".into(),
        lines => format!("\n    {}", lines.join("\n    ")),
    };
    format!("  expected {what}:{}\n  actual {what}:{}", list(expected), list(actual))
}

/// Whether `text` is `pattern`, in which `…` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

fn parse(script: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (mark, text) =
            line.split_once(' ').unwrap_or_else(|| panic!("a mark and a text expected: {line}"));
        let text = text.trim();
        let stimulus = match mark {
            "@" => Stimulus::Advance(text.into()),
            "!" => Stimulus::Act(text.into()),
            _ if mark.starts_with('<') => {
                let times = mark.strip_prefix("<*").map_or(1, hex::number);
                let bytes: Vec<u8> = (0..times).flat_map(|turn| frame(text, turn)).collect();
                match steps.last_mut() {
                    Some(Step { stimulus: Stimulus::Input(block), sends, events, end: None, .. })
                        if sends.is_empty() && events.is_empty() =>
                    {
                        block.extend(bytes);
                        continue;
                    }
                    _ => Stimulus::Input(bytes),
                }
            }
            _ => {
                let step = steps.last_mut().unwrap_or_else(|| panic!("a reaction to nothing: {line}"));
                expect(step, mark, text.replace("HEAD", HEAD).replace("CALLED", CALLED));
                continue;
            }
        };
        steps.push(Step {
            first_line: line.into(),
            stimulus,
            result: "ok".into(),
            sends: Vec::new(),
            events: Vec::new(),
            end: None,
        });
    }
    steps
}

fn expect(step: &mut Step, mark: &str, text: String) {
    match mark {
        "=" => step.result = text,
        ">" => step.sends.push(text),
        "*" => step.events.push(text),
        "fatal:" => step.end = Some(End::Fatal(text)),
        "closes:" => step.end = Some(End::Closes(text)),
        _ => panic!("no such mark: {mark}"),
    }
}

#[test]
fn an_ellipsis_stands_for_any_text() {
    assert!(matches("a … c", "a b b c"));
    assert!(matches("a …", "a "));
    assert!(matches("…c…", "abcde"));
    assert!(matches("abc", "abc"));
    assert!(!matches("abc", "abcd"));
    assert!(!matches("a … c", "a b d"));
}
