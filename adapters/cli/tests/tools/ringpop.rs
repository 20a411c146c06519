//! `tchannel ringpop`, against a ring of routers and against rings that are split for good.

use serde_json::{Value, json};
use tchannel_rpc::{Channel, Reply, Request};
use tchannel_tests::peers::{Peer, Server};
use tokio::runtime::Runtime;

use super::program::{Ran, command, run};

/// Hyperbahn's routers are a ring.
fn ring(size: usize) -> Vec<Server> {
    let mut ring: Vec<Server> = Vec::new();
    for _ in 0..size {
        let others = addresses(&ring).join(",");
        let join: &[&str] = if others.is_empty() { &[] } else { &["--join", &others] };
        ring.push(Server::start(Peer::Hyperbahn, join).unwrap_or_else(|error| panic!("{error}")));
    }
    ring
}

fn addresses(ring: &[Server]) -> Vec<String> {
    ring.iter().map(|server| server.address().to_string()).collect()
}

fn ask(peers: &[String], words: &[&str]) -> Ran {
    let peers = peers.iter().flat_map(|peer| ["-p", peer.as_str()]);
    run(&["ringpop"].into_iter().chain(peers).chain(words.iter().copied()).collect::<Vec<_>>())
}

/// How the survivors see the member; nothing while they differ, or the checksums do.
fn seen(told: &Value, member: &str) -> Option<String> {
    let members = told["members"].as_array().expect("a list");
    let seen = &members.iter().find(|known| known["address"] == member)?["seen"];
    let mut all = seen.as_object().expect("by node").values().map(|view| view["status"].as_str());
    let first = all.next()??;
    let checksum = |node: &&Value| node["ok"] == true;
    let nodes = told["nodes"].as_array().expect("a list");
    let mut checksums = nodes.iter().filter(checksum).map(|node| &node["checksum"]);
    let one = checksums.next()?;
    (all.all(|view| view == Some(first)) && checksums.all(|other| other == one)).then(|| first.to_owned())
}

#[test]
fn ring_of_three_routers_agrees_until_one_is_killed() {
    let mut ring = ring(3);
    let peers = addresses(&ring);

    // The last to join may still be telling the others that it is alive.
    let mut ran = ask(&peers, &["members"]);
    while ran.code == Some(124) {
        ran = ask(&peers, &["members"]);
    }
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!((ran.code, lines.len()), (Some(0), 6), "a head, three members, checksums, a verdict: {ran:?}");
    for peer in &peers {
        assert!(lines[0].contains(&format!("as seen by {peer}")), "{ran:?}");
        let row = lines.iter().find(|line| line.starts_with(peer.as_str())).expect("it has a row");
        assert_eq!(row.matches("alive").count(), 3, "{ran:?}");
    }
    assert!(lines[4].starts_with("checksum"), "{ran:?}");
    assert!(lines[5].starts_with("checksums agree: 3 of 3 have checksum "), "{ran:?}");

    let stats = ask(&peers, &["stats", "--json"]);
    assert_eq!((stats.code, &stats.json()["agree"]), (Some(0), &true.into()), "{stats:?}");
    assert_eq!(stats.json()["nodes"][1]["stats"]["membership"]["members"].as_array().map(Vec::len), Some(3));
    let stats = ask(&peers, &["stats"]);
    assert_eq!(stats.stdout.matches("3 alive").count(), 3, "{stats:?}");

    let lookup = ask(&peers, &["lookup", "moe", "--json"]);
    assert_eq!((lookup.code, &lookup.json()["agree"]), (Some(0), &true.into()), "{lookup:?}");
    let owner = lookup.json()["nodes"][2]["dest"].as_str().expect("an address").to_owned();
    assert!(peers.contains(&owner), "{lookup:?}");

    let checksum = |ran: &Ran| ran.json()["nodes"][0]["checksum"].clone();
    let before = ask(&peers, &["members", "--json"]);
    let pings = ask(&peers, &["ping", "--json"]);
    assert_eq!(pings.code, Some(0), "{pings:?}");
    for node in pings.json()["nodes"].as_array().expect("a list") {
        assert!(node["ms"].as_f64().is_some_and(|millis| millis > 0.0), "{pings:?}");
    }
    let after = ask(&peers, &["members", "--json"]);
    assert_eq!(
        after.json()["members"],
        before.json()["members"],
        "it has joined nothing and changed nothing"
    );
    assert_eq!(checksum(&after), checksum(&before));

    drop(ring.remove(1));
    let ran = ask(&peers, &["members"]);
    let verdict = ran.stdout.lines().last().unwrap_or_default();
    assert_eq!(ran.code, Some(125), "it cannot be reached: {ran:?}");
    assert!(verdict.starts_with("checksums do not agree: "), "{ran:?}");
    assert!(verdict.ends_with(&format!("; no answer from {}", peers[1])), "{ran:?}");

    // Until the others give it up, which they take some seconds for.
    let view = || seen(&ask(&peers, &["members", "--json"]).json(), &peers[1]);
    let mut seen = view();
    while seen.is_none() || seen.as_deref().is_some_and(|status| ["alive", "suspect"].contains(&status)) {
        seen = view();
    }
    assert_eq!(seen.as_deref(), Some("faulty"));
    let survivors = [peers[0].clone(), peers[2].clone()];
    let ran = ask(&survivors, &["members"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("checksums agree: 2 of 2 have checksum "), "{ran:?}");
    let one = ask(&survivors[..1], &["members"]);
    let others = format!("members that were not asked: {}", peers[2]);
    assert!(one.stdout.lines().any(|line| line == others), "{one:?}");
}

/// A node that says what a test wants.
fn node(runtime: &Runtime, stats: Value) -> (Channel, String) {
    runtime.block_on(async {
        let node: Channel = tchannel_rpc::tokio::channel("ringpop").expect("a name");
        let service = node.service("ringpop").expect("a name");
        let owner = stats["owner"].clone();
        service.register_as("json", "/admin/stats", move |_: Request| {
            let stats = stats.to_string();
            async { Ok(Reply::ok("", stats)) }
        });
        service.register_as("json", "/admin/lookup", move |request: Request| {
            let asked: Value = serde_json::from_slice(&request.body()).unwrap_or_default();
            let answer = match asked["key"].as_str() {
                Some("none") => Reply::not_ok("", json!({ "message": "no such key" }).to_string()),
                _ => Reply::ok("", json!({ "dest": owner }).to_string()),
            };
            async { Ok(answer) }
        });
        let at = node.listen("127.0.0.1:0").await.expect("a port").to_string();
        (node, at)
    })
}

fn stats(checksum: u32, members: &[(&str, &str, i64)], owner: &str) -> Value {
    let member = |(address, status, incarnation): &(&str, &str, i64)| json!({ "address": address, "status": status, "incarnationNumber": incarnation });
    let members: Vec<Value> = members.iter().map(member).collect();
    let membership = json!({ "checksum": checksum, "members": members });
    json!({ "membership": membership, "uptime": 7_384_000, "version": "10.19.0", "owner": owner })
}

#[test]
fn split_ring_is_seen_at_a_glance() {
    let runtime = Runtime::new().expect("there are threads");
    let (a, b) = ("10.0.0.1:1", "10.0.0.2:1");
    let (_one, one) = node(&runtime, stats(11, &[(a, "alive", 5), (b, "faulty", 6)], a));
    let (_two, two) = node(&runtime, stats(22, &[(a, "alive", 7), (b, "alive", 6)], b));
    let (_six, six) = node(&runtime, stats(22, &[(b, "alive", 6)], b));
    let peers = [one.clone(), two.clone(), six.clone()];

    let ran = ask(&peers, &["members"]);
    assert_eq!(ran.code, Some(124), "{ran:?}");
    let rows: Vec<Vec<&str>> = ran.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[1], [a, "alive", "5", "alive", "7", "-"], "incarnations that differ are shown: {ran:?}");
    assert_eq!(rows[2], [b, "faulty", "6", "alive", "6", "alive", "6"], "{ran:?}");
    assert_eq!(rows[3], ["checksum", "11", "22", "22"], "{ran:?}");
    let verdict = format!(
        "checksums do not agree: 2 of 3 have checksum 22 ({two}, {six}); 1 of 3 have checksum 11 ({one})"
    );
    assert!(ran.stdout.lines().any(|line| line == verdict), "{ran:?}");
    assert!(ran.stdout.contains(&format!("members that were not asked: {a}, {b}\n")), "{ran:?}");

    let ran = ask(&peers, &["stats"]);
    let rows: Vec<Vec<&str>> = ran.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[1], [one.as_str(), "10.19.0", "2h03m", "1", "alive,", "1", "faulty", "11"], "{ran:?}");
    let json = ask(&peers, &["members", "--json"]);
    assert_eq!((json.code, &json.json()["agree"]), (Some(124), &false.into()), "{json:?}");

    let ran = ask(&peers, &["lookup", "moe"]);
    assert_eq!(ran.code, Some(124), "{ran:?}");
    let verdict = format!("owners do not agree: 2 of 3 have {b} ({two}, {six}); 1 of 3 have {a} ({one})");
    assert!(ran.stdout.lines().any(|line| line == verdict), "{ran:?}");
    let ran = ask(&peers[..1], &["lookup", "none", "--json"]);
    assert_eq!(
        (ran.code, &ran.json()["nodes"][0]["error"]),
        (Some(126), &"not ok: no such key".into()),
        "{ran:?}"
    );
}

#[test]
fn what_is_no_member_of_a_ring_is_said_to_be_none() {
    let runtime = Runtime::new().expect("there are threads");
    let (_joining, joining) = node(&runtime, json!({ "membership": { "checksum": null, "members": [] } }));
    let ran = ask(&[joining], &["stats", "--json"]);
    assert_eq!(ran.code, Some(125), "{ran:?}");
    let error = ran.json()["nodes"][0]["error"].as_str().map(str::to_owned).unwrap_or_default();
    assert!(error.contains("is it still joining?"), "{ran:?}");

    let (_hostile, hostile) = node(&runtime, stats(1, &[("\u{1b}[2J", "alive\n", 1)], "x"));
    let ran = ask(&[hostile], &["members"]);
    assert!(!ran.stdout.contains('\u{1b}'), "terminals are left alone: {ran:?}");

    let server = super::program::Served::start(&[]);
    let ran = ask(std::slice::from_ref(&server.at), &["members"]);
    assert_eq!(ran.code, Some(6), "its bad request: {ran:?}");
}

#[test]
fn verdict_has_colour_only_where_it_is_wanted() {
    let runtime = Runtime::new().expect("there are threads");
    let (_node, at) = node(&runtime, stats(1, &[("a:1", "alive", 1)], "a:1"));
    let said = |set: &[(&str, &str)]| {
        let mut command = command(&["ringpop", "-p", &at, "members"]);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").envs(set.iter().copied());
        String::from_utf8(command.output().expect("it runs").stdout).expect("it is text")
    };
    assert!(!said(&[]).contains('\u{1b}'), "there is no terminal");
    assert!(said(&[("CLICOLOR_FORCE", "1")]).contains("\u{1b}[1m\u{1b}[32mchecksums agree"));
    assert!(!said(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).contains('\u{1b}'));
}

#[test]
fn only_a_look_up_takes_a_key_and_it_needs_one() {
    let without = run(&["ringpop", "-p", "127.0.0.1:1", "lookup"]);
    assert_eq!(without.code, Some(125), "{without:?}");
    assert!(without.stderr.contains("<KEY>"), "{without:?}");
    let with = run(&["ringpop", "-p", "127.0.0.1:1", "members", "moe"]);
    assert_eq!(with.code, Some(125), "{with:?}");
    assert!(with.stderr.contains("only `lookup` takes a key"), "{with:?}");
}

#[test]
fn escapes_of_terminals_in_what_a_node_says_stay_escaped() {
    let runtime = Runtime::new().expect("there are threads");
    let mut said = stats(1, &[("\u{1b}[31m", "\u{9b}2J", 5)], "\u{7}");
    said["membership"]["checksum"] = "\u{7}\u{9b}31m\u{1b}[2J".into();
    let (_one, one) = node(&runtime, said);
    for what in [&["stats"][..], &["members"], &["lookup", "moe"], &["members", "--json"]] {
        // In colour, as on a terminal: what it styles is let through.
        let output = command(&[&["ringpop", "-p", &one], what].concat()).env("CLICOLOR_FORCE", "1").output();
        let text = String::from_utf8(output.expect("it starts").stdout).expect("it says text");
        let ours = text.replace("\u{1b}[1m\u{1b}[32m", "").replace("\u{1b}[0m", "");
        assert!(!ours.contains(|c: char| c.is_control() && c != '\n'), "{what:?}: {ours:?}");
    }
}

#[test]
fn one_long_name_does_not_widen_the_rows_of_all_members() {
    let runtime = Runtime::new().expect("there are threads");
    let names: Vec<String> = (0..100).map(|number| format!("10.0.0.1:{number}")).collect();
    let long = "a".repeat(100_000);
    let mut members: Vec<_> = names.iter().map(|name| (name.as_str(), "alive", 1)).collect();
    members.push((&long, "alive", 1));
    let (_one, one) = node(&runtime, stats(1, &members, "nobody"));
    let ran = ask(&[one], &["members"]);
    assert_eq!(ran.code, Some(0), "{:?}", ran.stderr);
    // Once among the members that were not asked.
    assert!(ran.stdout.len() < 200_000, "{}", ran.stdout.len());
}
