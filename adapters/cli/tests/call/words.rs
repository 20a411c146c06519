//! What the command line may say.

use super::program::{tchannel, tchannel_reading};

#[test]
fn what_is_missing_or_too_much_is_told() {
    let cases: [(&[&str], &str); 11] = [
        (&["echo", "echo"], "no peer"),
        (&["-p", "127.0.0.1:1"], "no service"),
        (&["-p", "127.0.0.1:1", "echo"], "no endpoint"),
        (&["-p", "nowhere", "echo", "echo"], "\"nowhere\" is no peer: write it as host:port"),
        (&["-p", "127.0.0.1:1", "-s", "echo", "echo", "body", "more"], "\"more\" is a word too many"),
        (&["-p", "127.0.0.1:1", "echo", "echo", "{body}"], "the body is no JSON"),
        (&["-p", "127.0.0.1:1", "echo", "echo", "{}", "-2", "[]"], "a map of string to string"),
        (&["-p", "127.0.0.1:1", "echo", "echo", "{}", "-2", r#"{"a":1}"#], "a map of string to string"),
        (&["-p", "127.0.0.1:1", "echo", "echo", "--hex", "abc"], "two hexadecimal digits for each byte"),
        (&["-p", "127.0.0.1:1", "echo", "A::b"], "name its IDL with -t FILE"),
        (&["-p", "127.0.0.1:1", "echo", "echo", "@/nowhere/at/all"], "cannot read the body from /nowhere"),
    ];
    for (words, told) in cases {
        let ran = tchannel(words);
        assert_eq!(ran.expect(125, &[told]).stdout, "", "{words:?}");
    }
}

#[test]
fn options_that_cannot_be_are_local_errors() {
    for words in [
        &["-p", "127.0.0.1:1", "a", "b", "--timeout", "0"][..],
        &["-p", "127.0.0.1:1", "a", "b", "--timeout", "soon"],
        &["-p", "127.0.0.1:1", "a", "b", "-T", "no-value"],
        &["-p", "127.0.0.1:1", "a", "b", "--trace-id", "xyz"],
        &["-p", "127.0.0.1:1", "a", "b", "--checksum", "farmhash"],
        &["-p", "127.0.0.1:1", "a", "b", "--insecure"],
        &["-p", "127.0.0.1:1", "a", "b", "--no-such-option"],
        &["a", "b", "c", "d"],
    ] {
        let ran = tchannel(words);
        assert_eq!(ran.expect(125, &["error:"]).stdout, "", "{words:?}");
    }
}

#[test]
fn help_and_version_are_there_with_and_without_a_verb() {
    for words in [&["-v"][..], &["--version"], &["call", "-v"], &["-p", "127.0.0.1:1", "--version"]] {
        let ran = tchannel(words);
        assert_eq!(ran.expect(0, &[]).stdout, concat!("tchannel ", env!("CARGO_PKG_VERSION"), "\n"));
    }
    assert!(tchannel(["--help"]).expect(0, &[]).stdout.contains("Exit codes:"));
    for words in [&["call", "--help"][..], &["call", "-h"], &["help", "call"], &["echo", "--help"]] {
        let help = tchannel(words).expect(0, &[]).stdout.clone();
        for option in ["--peer", "--peerlist", "--thrift", "--shard-key", "--health", "--cacert", "--timeout"]
        {
            assert!(help.contains(option), "{option} is not in {help}");
        }
    }
}

#[test]
fn lists_of_peers_that_cannot_be_read_are_told() {
    let directory = env!("CARGO_TARGET_TMPDIR");
    let file = format!("{directory}/peers-of-words.json");
    std::fs::write(&file, r#"["nowhere"]"#).unwrap();
    tchannel(["-P", &file, "a", "b"]).expect(125, &[&file, "no list of peers", "nowhere"]);
    std::fs::write(&file, "{}").unwrap();
    tchannel(["-P", &file, "a", "b"]).expect(125, &[&file, "no list of peers", "expected a sequence"]);
    std::fs::write(&file, "[]").unwrap();
    tchannel(["-P", &file, "a", "b"]).expect(125, &["no peer: name one with"]);
    tchannel(["-H", "/nowhere/at/all", "a", "b"]).expect(125, &["cannot read /nowhere/at/all"]);
}

#[test]
fn too_much_on_stdin_is_not_sent() {
    let ran = tchannel_reading(["-p", "127.0.0.1:1", "a", "b", "--raw", "-"], &vec![b'x'; (64 << 20) + 1]);
    ran.expect(125, &["stdin has more than the 67108864 bytes"]);
}
