//! `tchannel bench`.

use super::program::{Served, run};

#[test]
fn bench_of_so_many_calls_tells_rates_and_latencies() {
    let server = Served::start(&[]);
    let words = ["bench", "-p", &server.at, "echo", "echo", "-n", "50", "--warmup", "5", "--size", "1000"];
    let ran = run(&[&words[..], &["--concurrency", "4", "--connections", "2", "--json"]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let told = ran.json();
    for (key, value) in [("ok", 50), ("not_ok", 0), ("failed", 0), ("bytes", 1_000), ("connections", 2)] {
        assert_eq!(told[key], value, "{key}: {told}");
    }
    assert_eq!(told["concurrency"], 4);
    let number = |value: &serde_json::Value| value.as_f64().unwrap_or_else(|| panic!("{value}: {told}"));
    let (rate, flow) = (number(&told["calls_per_second"]), number(&told["mib_per_second"]));
    assert!((rate - 50.0 / number(&told["seconds"])).abs() < 1.0, "{told}");
    assert!((flow * 1_048_576.0 / 2_000.0 - rate).abs() < 1.0, "both directions: {told}");
    let latency = ["p50", "p90", "p99", "p99.9", "max"].map(|name| number(&told["latency_us"][name]));
    assert!(latency[0] > 0.0 && latency.is_sorted(), "{told}");
    assert!(number(&told["cpu_us_per_call"]) > 0.0, "{told}");
}

#[test]
fn bench_opens_the_connections_that_it_was_asked_for() {
    let (one, other) = (Served::start(&[]), Served::start(&[]));
    let words = ["bench", "-p", &one.at, "-p", &other.at, "echo", "inspect", "-n", "90", "--json"];
    let ran = run(&[&words[..], &["--connections", "3", "--concurrency", "3"]].concat());
    assert_eq!((ran.code, &ran.json()["connections"]), (Some(0), &3.into()), "{ran:?}");
    let too_few = run(&[&words[..], &["--connections", "1"]].concat());
    assert_eq!(too_few.code, Some(125), "{too_few:?}");
    assert!(too_few.stderr.contains("less than one to each of 2 peers"), "{too_few:?}");
    let too_many = run(&[&words[..], &["--connections", "3", "--concurrency", "2"]].concat());
    assert_eq!(too_many.code, Some(125), "{too_many:?}");
}

#[test]
fn bench_for_people_says_the_same_in_words_and_bars() {
    let server = Served::start(&[]);
    let ran = run(&["bench", "-p", &server.at, "echo", "echo", "hello", "-n", "20"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let title = format!("echo::echo at {}: 5 bytes, at most 16 at once over 1 connection", server.at);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines[0], title);
    assert!(lines[1].starts_with("  calls    20 ok in "), "{ran:?}");
    assert!(lines[2].contains(" calls/s, ") && lines[2].ends_with(" MiB/s"), "{ran:?}");
    assert!(lines[3].starts_with("  latency  p50 ") && lines[3].contains("  p99.9 "), "{ran:?}");
    assert!(lines[5..].iter().any(|line| line.ends_with('█')), "{ran:?}");
    assert_eq!(ran.stderr, "", "no progress without a terminal");
}

#[test]
fn open_loop_calls_at_its_rate_and_warms_up_at_it() {
    let server = Served::start(&[]);
    let words = ["bench", "-p", &server.at, "echo", "echo", "--rate", "200", "--json"];
    let ran = run(&[&words[..], &["-n", "20", "--warmup", "10"]].concat());
    assert_eq!((ran.code, &ran.json()["ok"]), (Some(0), &20.into()), "{ran:?}");
    let seconds = ran.json()["seconds"].as_f64().expect("a number");
    assert!(seconds >= 19.0 / 200.0, "the last is due then: {ran:?}");
    let ran = run(&[&words[..], &["-d", "100ms"]].concat());
    assert_eq!((ran.code, &ran.json()["ok"]), (Some(0), &20.into()), "{ran:?}");
    assert_eq!(ran.json()["due_per_second"], 200.0);
}

#[test]
fn errors_are_counted_by_code_and_the_first_decides_how_it_ends() {
    let server = Served::start(&[]);
    let bench =
        |endpoint: &str| run(&["bench", "-p", &server.at, "echo", endpoint, "why", "-n", "7", "--json"]);
    let busy = bench("sys-busy");
    assert_eq!((busy.code, &busy.json()["errors"]), (Some(3), &serde_json::json!({ "busy": 7 })), "{busy:?}");
    assert_eq!((&busy.json()["ok"], &busy.json()["failed"]), (&0.into(), &7.into()));
    assert!(busy.stderr.contains("the first call that failed: ") && busy.stderr.contains("why"), "{busy:?}");
    let not_ok = bench("app-error");
    assert_eq!((not_ok.code, &not_ok.json()["not_ok"]), (Some(126), &7.into()), "{not_ok:?}");
    let words = ["bench", "-p", &server.at, "echo", "never", "-n", "3", "--timeout", "20", "--json"];
    let late = run(&words);
    assert_eq!(late.json()["errors"], serde_json::json!({ "timeout": 3 }), "{late:?}");
    assert!(late.json()["latency_us"].is_null(), "nothing was answered: {late:?}");
    // Either side may be the first to say so.
    assert!([Some(1), Some(125)].contains(&late.code), "{late:?}");
}

#[test]
fn nobody_there_is_a_local_error_that_ends_in_time() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    let closed = closed.expect("there is a port").to_string();
    let ran = run(&["bench", "-p", &closed, "echo", "echo", "-d", "50ms", "--json"]);
    assert_eq!((ran.code, &ran.json()["ok"]), (Some(125), &0.into()), "{ran:?}");
    assert!(ran.stderr.contains("refused"), "{ran:?}");
}

#[test]
fn bodies_are_sent_as_they_are_in_the_scheme_that_is_named() {
    let server = Served::start(&[]);
    let file = std::env::temp_dir().join(format!("tchannel-bench-{}", std::process::id()));
    std::fs::write(&file, b"\x0b\0\x01\0\0\0\x01k\x0b\0\x02\0\0\0\x01v\0").expect("it can be written");
    let at = format!("@{}", file.display());
    let thrift = run(&[
        "bench",
        "-p",
        &server.at,
        "echo",
        "KeyValue::setValue",
        &at,
        "--as",
        "thrift",
        "-n",
        "2",
        "--json",
    ]);
    let _gone = std::fs::remove_file(&file);
    assert_eq!((thrift.code, &thrift.json()["ok"]), (Some(0), &2.into()), "{thrift:?}");
    let json =
        ["bench", "-p", &server.at, "echo", "json-echo", "{\"a\":1}", "--as", "json", "-n", "2", "--json"];
    let json = run(&json);
    assert_eq!((json.code, &json.json()["ok"]), (Some(0), &2.into()), "{json:?}");
    let missing = run(&["bench", "-p", &server.at, "echo", "echo", "@/nowhere/at/all", "-n", "1"]);
    assert_eq!(missing.code, Some(125));
    assert!(missing.stderr.contains("cannot read the body from /nowhere/at/all"), "{missing:?}");
}

#[test]
fn picture_of_the_latencies_is_written() {
    let server = Served::start(&[]);
    let file = std::env::temp_dir().join(format!("tchannel-bench-{}.svg", std::process::id()));
    let name = file.display().to_string();
    let ran = run(&["bench", "-p", &server.at, "echo", "echo", "-n", "30", "--svg", &name]);
    let svg = std::fs::read_to_string(&file);
    let _gone = std::fs::remove_file(&file);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let svg = svg.expect("it was written");
    assert!(svg.starts_with("<svg ") && svg.contains(">99</text>") && svg.contains("<polyline "), "{svg}");
}

#[test]
fn loads_that_no_machine_can_bear_are_refused() {
    let huge = u64::MAX.to_string();
    let cases: &[(&[&str], &str)] = &[
        (&["--size", &huge], "at most 67108864"),
        (&["--size", "100000000000000"], "at most 67108864"),
        (&["--concurrency", &huge], "from 1 to 100000"),
        (&["--concurrency", "100000", "--connections", &huge], "connections need as many callers"),
        (&["@/dev/zero"], "/dev/zero has more than the 67108864 bytes"),
        (&["-2", "@/dev/zero"], "/dev/zero has more than the 67108864 bytes"),
    ];
    for (words, told) in cases {
        let ran = run(&[&["bench", "-p", "127.0.0.1:1", "a", "b", "-n", "1"], *words].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(125), ""), "{words:?}: {ran:?}");
        assert!(ran.stderr.contains(told), "{words:?}: {ran:?}");
    }
}
