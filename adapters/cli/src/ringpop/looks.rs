//! How answers are shown: tables for people, one object for programs.

use std::collections::BTreeMap;
use std::time::Duration;

use comfy_table::{Table, presets};
use serde_json::{Map, Value, json};

use crate::duration::short;
use crate::exit::Exit;
use crate::print::within_a_line;

use super::Pinged;
use super::ask::{Answer, Trouble};
use super::members::{not_asked, seen};
use super::node::{Member, Node};
use super::verdict::Verdict;

pub(super) struct Shown {
    pub(super) lines: Vec<String>,
    pub(super) json: Value,
    pub(super) verdict: Option<Verdict>,
    pub(super) exit: Exit,
}

pub(super) fn stats(nodes: &[Answer<Node>]) -> Shown {
    let mut table = table(["node", "version", "uptime", "members", "checksum", "ring checksum"]);
    for answer in nodes {
        let row = match &answer.said {
            Ok(node) => [
                answer.peer.clone(),
                node.version.clone().unwrap_or_default(),
                node.uptime.map(hours).unwrap_or_default(),
                statuses(node),
                word(&node.checksum),
                node.ring.as_ref().map(word).unwrap_or_default(),
            ],
            Err(trouble) => [
                answer.peer.clone(),
                trouble.words.clone(),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
            ],
        };
        add(&mut table, row);
    }
    let each = each(nodes, |node| json!({ "stats": node.stats }));
    compared(&table, json!({ "nodes": each }), checksums(nodes), exit(nodes))
}

pub(super) fn members(nodes: &[Answer<Node>]) -> Shown {
    let seen = seen(nodes);
    let heads = ["member".to_owned()]
        .into_iter()
        .chain(nodes.iter().map(|answer| format!("as seen by {}", answer.peer)));
    let mut table = table(heads);
    for (member, views) in &seen {
        let said =
            || nodes.iter().zip(views).filter(|(answer, _)| answer.said.is_ok()).map(|(_, view)| *view);
        let differ = said().zip(said().skip(1)).any(|(one, next)| one != next);
        let view = |(answer, view): (&Answer<Node>, Option<&Member>)| match view {
            None if answer.said.is_err() => String::new(),
            None => "-".to_owned(),
            // Two incarnations of one status are what differs most often, and is seen least.
            Some(member) if differ => format!("{} {}", member.status, member.incarnation.unwrap_or_default()),
            Some(member) => member.status.clone(),
        };
        add(
            &mut table,
            [(*member).to_owned()].into_iter().chain(nodes.iter().zip(views.iter().copied()).map(view)),
        );
    }
    let checksum =
        |answer: &Answer<Node>| answer.said.as_ref().map_or("no answer".into(), |node| word(&node.checksum));
    add(&mut table, ["checksum".to_owned()].into_iter().chain(nodes.iter().map(checksum)));

    let known = seen.iter().map(|(member, views)| {
        let views = nodes
            .iter()
            .zip(views)
            .filter_map(|(answer, view)| Some((answer.peer.clone(), view_of((*view)?))));
        json!({ "address": member, "seen": views.collect::<Map<_, _>>() })
    });
    let each = each(nodes, |node| json!({ "checksum": node.checksum, "ring_checksum": node.ring }));
    let others = not_asked(&seen, nodes);
    let json = json!({ "nodes": each, "members": known.collect::<Vec<_>>(), "not_asked": others });
    let mut shown = compared(&table, json, checksums(nodes), exit(nodes));
    if !others.is_empty() {
        shown.lines.push(format!("members that were not asked: {}", within_a_line(&others.join(", "))));
    }
    shown
}

pub(super) fn pings(answers: &[Answer<Pinged>]) -> Shown {
    let mut table = table(["node", "gossip ping"]);
    for answer in answers {
        let said =
            answer.said.as_ref().map_or_else(|trouble| trouble.words.clone(), |pinged| short(pinged.took));
        add(&mut table, [answer.peer.clone(), said]);
    }
    let each =
        each(answers, |pinged| json!({ "ms": pinged.took.as_secs_f64() * 1e3, "changes": pinged.changes }));
    Shown { lines: lines(&table), json: json!({ "nodes": each }), verdict: None, exit: exit(answers) }
}

pub(super) fn owners(key: &str, answers: &[Answer<String>]) -> Shown {
    let mut table = table(["node", "owner of the key"]);
    for answer in answers {
        let said = answer.said.as_ref().map_or_else(|trouble| trouble.words.clone(), Clone::clone);
        add(&mut table, [answer.peer.clone(), said]);
    }
    let each = each(answers, |owner| json!({ "dest": owner }));
    let verdict = Verdict::of("owners", answers, |owner| within_a_line(owner));
    compared(&table, json!({ "key": key, "nodes": each }), verdict, exit(answers))
}

fn checksums(nodes: &[Answer<Node>]) -> Verdict {
    Verdict::of("checksums", nodes, |node| format!("checksum {}", word(&node.checksum)))
}

/// What fails first decides; else that they differ.
fn compared(table: &Table, mut json: Value, verdict: Verdict, exit: Exit) -> Shown {
    if let Some(object) = json.as_object_mut() {
        object.insert("agree".into(), verdict.agree.into());
    }
    let differ = if verdict.agree { Exit::Ok } else { Exit::Unhealthy };
    Shown { lines: lines(table), json, exit: exit.and(differ), verdict: Some(verdict) }
}

fn exit<T>(answers: &[Answer<T>]) -> Exit {
    let each =
        answers.iter().map(|answer| answer.said.as_ref().map_or_else(|trouble| trouble.exit, |_| Exit::Ok));
    each.fold(Exit::Ok, Exit::and)
}

/// An object for each peer: what it said, or why it said nothing.
fn each<T>(answers: &[Answer<T>], told: impl Fn(&T) -> Value) -> Vec<Value> {
    let one = |answer: &Answer<T>| {
        let mut one = json!({ "peer": answer.peer, "ok": answer.said.is_ok() });
        let more = answer.said.as_ref().map_or_else(|Trouble { words, .. }| json!({ "error": words }), &told);
        if let (Value::Object(one), Value::Object(more)) = (&mut one, more) {
            one.extend(more);
        }
        one
    };
    answers.iter().map(one).collect()
}

fn view_of(member: &Member) -> Value {
    json!({ "status": member.status, "incarnation": member.incarnation })
}

fn statuses(node: &Node) -> String {
    let counts: BTreeMap<&str, usize> = node.by_status();
    let counts: Vec<String> = counts.iter().map(|(status, count)| format!("{count} {status}")).collect();
    counts.join(", ")
}

/// Without the quotes of a text.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `3h05m`; with seconds below an hour.
fn hours(uptime: Duration) -> String {
    let minutes = uptime.as_secs() / 60;
    match minutes {
        ..60 => format!("{minutes}m{:02}s", uptime.as_secs() % 60),
        _ => format!("{}h{:02}m", minutes / 60, minutes % 60),
    }
}

fn table(heads: impl IntoIterator<Item = impl Into<String>>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    add(&mut table, heads);
    table
}

fn add(table: &mut Table, cells: impl IntoIterator<Item = impl Into<String>>) {
    table.add_row(cells.into_iter().map(|cell| cut(&within_a_line(&cell.into()))).collect::<Vec<_>>());
}

/// Not more than fits a cell: all cells of a column are as wide as the widest.
fn cut(words: &str) -> String {
    match words.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words.to_owned(),
    }
}

fn lines(table: &Table) -> Vec<String> {
    table.lines().map(|line| line.trim().to_owned()).collect()
}

/// Enough for the sentence that tells why a node says nothing.
const WIDEST: usize = 300;
