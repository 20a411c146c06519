//! Every row of the user's documents with the tests that show it: the table in `tests/rows/README.md` is made of this.

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::table::tests_below;

/// What shows a row.
#[derive(Clone, Copy)]
enum By {
    /// Tests that are named after it.
    Name,
    /// Tests of other rows, which say the same.
    Rows(&'static [&'static str]),
}

/// Letters: the guide, its API, exceptions, Thrift clients, the sync client, cassettes, the changelog; requests and
/// sub-channels of the other two documents.
const ROWS: [(&str, &str, By); 103] = [
    ("g1", "Thrift file of the service", By::Name),
    ("g2", "a channel needs a name only", By::Name),
    ("g3", "handlers are registered, by decorator or by name", By::Name),
    ("g4", "ephemeral port, or a given one", By::Name),
    ("g5", "results and declared exceptions", By::Name),
    ("g6", "results of several fields", By::Name),
    ("g7", "handlers that answer later", By::Name),
    ("g8", "calls in the context of a request", By::Name),
    ("g9", "flags, time left and headers of a request", By::Name),
    ("g10", "advertise to a JSON list of routers", By::Name),
    ("g11", "tcurl", By::Name),
    ("g12", "the guide's client: advertise, set, get", By::Name),
    ("p1", "call", By::Name),
    ("p2", "timeout", By::Name),
    ("p3", "retry_on", By::Name),
    ("p4", "retry_limit", By::Name),
    ("p5", "hostport", By::Name),
    ("p6", "raw scheme", By::Name),
    ("p7", "json scheme", By::Name),
    ("p8", "thrift scheme", By::Name),
    ("p9", "dispatcher and fallback", By::Name),
    ("p10", "reading a request in parts", By::Name),
    ("p11", "should_retry_on_error", By::Name),
    ("p12", "writing a response in parts", By::Name),
    ("p13", "bodies as streams", By::Name),
    ("e1", "TChannelError", By::Name),
    ("e2", "ProtocolError", By::Name),
    ("e3", "TimeoutError", By::Name),
    ("e4", "a connection that ends under a call", By::Name),
    ("e5", "AdvertiseError", By::Name),
    ("e6", "AlreadyListeningError", By::Name),
    ("e7", "InvalidChecksumError", By::Name),
    ("e8", "InvalidEndpointError", By::Name),
    ("e9", "InvalidErrorCodeError", By::Name),
    ("e10", "InvalidMessageError", By::Name),
    ("e11", "NoAvailablePeerError", By::Name),
    ("e12", "OneWayNotSupportedError", By::Name),
    ("e13", "ReadError", By::Name),
    ("e14", "StreamingError", By::Name),
    ("e15", "TChannelApplicationError", By::Name),
    ("e16", "ValueExpectedError", By::Name),
    ("t1", "client_for", By::Name),
    ("t2", "generate_method", By::Name),
    ("t3", "thrift_request_builder", By::Name),
    ("y1", "sync client", By::Name),
    ("y2", "score threshold of a call", By::Name),
    ("y3", "answers that are waited for", By::Name),
    ("y4", "sync advertise", By::Name),
    ("y5", "sync client_for", By::Name),
    ("v1", "use_cassette", By::Name),
    ("v2", "record modes", By::Name),
    ("c1", "0.15.3: handlers that fail are logged", By::Name),
    ("c2", "0.15.2: headers are texts", By::Rows(&["p7", "n5"])),
    ("c3", "0.15.1: ValueExpectedError", By::Rows(&["e16"])),
    ("c4", "0.15.0: call, raw, json, thrift", By::Rows(&["p1", "p6", "p7", "p8"])),
    ("c5", "0.15.0: request builder", By::Rows(&["t3"])),
    ("c6", "0.15.0: JSON headers are a map", By::Rows(&["p7"])),
    ("c7", "0.14.0: cassettes", By::Rows(&["v1", "v2"])),
    ("c8", "0.14.0: fallback", By::Rows(&["p9"])),
    ("c9", "0.14.0: closing what is not connected", By::Name),
    ("c10", "0.13.0: transport headers of Thrift clients", By::Rows(&["t1"])),
    ("c11", "0.13.0: shardKey of TCollector calls", By::Name),
    ("c12", "0.12.0: is_listening, one listen, advertise listens", By::Name),
    ("c13", "0.11.2: sync advertise listens, and not at 0.0.0.0", By::Rows(&["y4"])),
    ("c14", "0.11.0: routers", By::Rows(&["g10"])),
    ("c15", "0.10.3: advertise retries on every failure", By::Name),
    ("c16", "0.10.0: exponential pauses", By::Name),
    ("c17", "0.9.1: the main thread ends", By::Rows(&["y1"])),
    ("c18", "0.9.0: unknown endpoints, sync client", By::Name),
    ("c19", "0.8.5: port of listen", By::Rows(&["g4"])),
    ("c20", "0.8.4: values like false", By::Rows(&["g5"])),
    ("c21", "0.8.3: `as` in responses", By::Name),
    ("c22", "0.8.2: trace flag, retried timeouts", By::Name),
    ("n1", "channel.request().send()", By::Name),
    ("n2", "what a call ends with", By::Name),
    ("n3", "parent or hasNoParent", By::Name),
    ("n4", "serviceName", By::Name),
    ("n5", "headers", By::Name),
    ("n6", "shouldApplicationRetry", By::Name),
    ("n7", "timeout", By::Name),
    ("n8", "timeoutPerAttempt", By::Name),
    ("n9", "retryLimit", By::Name),
    ("n10", "retryFlags", By::Name),
    ("n11", "streamed", By::Name),
    ("n12", "trackPending", By::Name),
    ("n13", "host", By::Name),
    ("n14", "peer", By::Name),
    ("n15", "checksumType", By::Name),
    ("n16", "checksum", By::Name),
    ("n17", "trace", By::Name),
    ("n18", "tracing", By::Name),
    ("n19", "forwardTrace", By::Name),
    ("n20", "send with buffers", By::Name),
    ("s1", "makeSubChannel", By::Name),
    ("s2", "peers", By::Name),
    ("s3", "no peers: a host is needed", By::Name),
    ("s4", "options of the sub-channel", By::Name),
    ("s5", "register", By::Name),
    ("s6", "handlers", By::Name),
    ("s7", "sendOk, sendNotOk", By::Name),
    ("s8", "sendError", By::Name),
    ("s9", "unknown services", By::Name),
    ("s10", "draining servers", By::Name),
];

/// Where tests of rows are.
const SOURCES: [&str; 5] = ["rows", "adapters", "golden.rs", "../adapters/cli/tests", "../core/mesh/src"];

fn tests_of<'a>(row: &str, tests: &'a BTreeSet<String>) -> Vec<&'a str> {
    let prefix = format!("{row}_");
    tests.iter().filter(|name| name.starts_with(&prefix)).map(String::as_str).collect()
}

fn table(tests: &BTreeSet<String>) -> String {
    let mut table = HEAD.to_owned();
    for (row, what, by) in ROWS {
        let row = row.to_uppercase();
        let shown: Vec<String> = match by {
            By::Name => tests_of(&row.to_lowercase(), tests).iter().map(|test| format!("`{test}`")).collect(),
            By::Rows(rows) => rows.iter().map(|row| format!("as {}", row.to_uppercase())).collect(),
        };
        writeln!(table, "| {row} | {what} | {} |", shown.join("<br>")).unwrap();
    }
    table
}

#[test]
fn every_row_of_the_documents_has_a_test() {
    let tests = tests_below(&SOURCES);
    for (row, _, by) in ROWS {
        match by {
            By::Name => assert!(!tests_of(row, &tests).is_empty(), "no test is named {row}_…"),
            By::Rows(rows) => {
                let shown =
                    |other: &&str| ROWS.iter().any(|(row, _, by)| row == other && matches!(by, By::Name));
                assert!(rows.iter().all(shown), "{row} is shown by a row that has no test");
            }
        }
    }
}

#[test]
fn the_table_of_rows_and_tests_is_the_one_in_the_readme() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rows/README.md");
    let table = table(&tests_below(&SOURCES));
    if env::var_os("UPDATE_ROWS").is_some() {
        fs::write(&path, &table).unwrap();
    }
    let hint = "run the test again with UPDATE_ROWS=1 and look at what changed";
    assert!(
        fs::read_to_string(&path).is_ok_and(|there| there == table),
        "tests/rows/README.md is stale: {hint}"
    );
}

const HEAD: &str = "\
# Rows of the user's documents, and their tests

Made by `UPDATE_ROWS=1 cargo test --test rows the_table`. Letters: G the Python guide, P its API, E exceptions, T Thrift \
clients, Y the
sync client, V cassettes, C the changelog; N requests and S sub-channels of the other two documents. Where a row is as \
another,
that one's tests show it.

| row | document | tests |
|---|---|---|
";
