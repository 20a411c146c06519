use alloc::format;
use alloc::string::{String, ToString};

use super::tree::MAX_INDICATORS;
use super::{MAX_DEPTH, MAX_NODES, ParseError, Problem, interactions};
use crate::{Request, TransportHeader};

/// A file whose only request has these lines for its headers.
fn with_headers(lines: &str) -> String {
    format!(
        "interactions:\n- request:\n    argScheme: 0\n    body: b\n    endpoint: e\n    headers: {lines}\n    \
         serviceName: s\n  response: {{}}\nversion: 1\n"
    )
}

fn read(lines: &str) -> Result<Request, ParseError> {
    interactions(&with_headers(lines)).map(|mut all| all.remove(0).request)
}

fn headers(lines: &str) -> String {
    let request = read(lines).unwrap_or_else(|error| panic!("{lines}: {error}"));
    String::from_utf8(request.headers.to_vec()).expect("the tests have texts")
}

fn refused(file: &str) -> String {
    interactions(file).expect_err("it is wrong").to_string()
}

#[test]
fn all_ways_to_write_a_text_are_read() {
    assert_eq!(headers("a b"), "a b");
    assert_eq!(headers("'it''s'"), "it's");
    assert_eq!(headers(r#""\t\xe9\u4f60\U0001F600""#), "\té你😀");
    assert_eq!(headers("|\n      one\n      two"), "one\ntwo\n");
    assert_eq!(headers("|-\n      one\n      two"), "one\ntwo");
    assert_eq!(headers(">\n      one\n      two"), "one two\n");
    assert_eq!(headers("'one\n\n      two\n      three'"), "one\ntwo three");
    assert_eq!(headers("\"one\\\n      \\ two\""), "one two");
    assert_eq!(headers("a # and a comment"), "a");
    assert_eq!(headers("!!str 1"), "1");
    assert_eq!(headers("!!python/str 'x'"), "x");
    assert_eq!(headers("!!python/unicode \"x\""), "x");
    assert_eq!(headers("!<tag:yaml.org,2002:str> x"), "x");
}

#[test]
fn all_ways_to_write_bytes_are_read() {
    for lines in
        ["!!binary aGk=", "!!binary 'aGk='", "!!binary |\n      aG\n      k=\n", "!!binary \"aG\n      k=\""]
    {
        assert_eq!(headers(lines), "hi");
    }
    for lines in ["!!binary \"\"", "!!binary", "!!binary |", "''", "", "~", "null"] {
        assert_eq!(headers(lines), "");
    }
}

#[test]
fn bytes_that_lost_their_tag_or_their_end_are_an_error() {
    let shown = |lines| refused(&with_headers(lines));
    assert_eq!(shown("!!binary aGk"), "line 6: headers is not base64: invalid length at 0");
    assert_eq!(shown("!!binary a*k="), "line 6: headers is not base64: invalid symbol at 1");
    assert_eq!(shown("!!binary aGl="), "line 6: headers is not base64: non-zero trailing bits at 2");
    assert_eq!(
        shown("!!binary [a]"),
        "line 6: the tag !!binary means nothing here; bytes have !!binary, texts need no tag"
    );
}

#[test]
fn what_yaml_takes_for_something_else_needs_quotes() {
    for scalar in ["1", "yes", "12:30", "2015-08-04", "1.5"] {
        let error = read(scalar).expect_err("it is no text");
        assert_eq!(
            error.to_string(),
            format!(
                "line 6: headers is text, and YAML takes {scalar:?} for something else; put it in quotes"
            )
        );
    }
    assert_eq!(headers("'1'"), "1");
}

#[test]
fn other_tags_anchors_and_aliases_are_refused_by_line() {
    assert!(refused(&with_headers("!!python/tuple []")).starts_with("line 6: the tag !!python/tuple "));
    assert!(refused(&with_headers("!other x")).starts_with("line 6: the tag !other "));
    assert!(refused(&with_headers("&a x")).starts_with("line 6: anchors and aliases"));
    assert!(refused(&with_headers("*a")).starts_with("line 6: this is not YAML"));
    let bomb = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\n";
    assert!(refused(bomb).starts_with("line 1: anchors and aliases"));
}

#[test]
fn a_file_without_interactions_is_sound() {
    for file in [
        "",
        "\n",
        "# nothing yet\n",
        "---\n",
        "---\n...\n",
        "{}",
        "version: 1",
        "interactions:\nversion: 1",
        "interactions: []\nversion: 1\n",
        "\u{feff}version: 1\n",
    ] {
        assert_eq!(interactions(file), Ok(alloc::vec![]), "{file:?}");
    }
}

#[test]
fn other_versions_are_refused_before_anything_else() {
    let future = "calls: []\ninteractions:\n- call: []\nversion: 2\n";
    let error = ParseError { line: 4, problem: Problem::UnsupportedVersion(2) };
    assert_eq!(interactions(future), Err(error));
    assert!(refused("version: 0").starts_with("line 1: this file has version 0"));
    assert_eq!(refused("version: new"), "line 1: version has to be a number");
    assert_eq!(refused("interactions: []\n"), "line 1: a cassette without `version`");
}

#[test]
fn the_file_of_an_old_python_lacks_known_peers() {
    let file = "interactions:\n- request: {argScheme: 0, body: b, endpoint: e, serviceName: s}\n  response:\n    \
                body: !!binary aGk=\nversion: 1\n";
    let all = interactions(file).expect("it is sound");
    let request = &all[0].request;
    assert!(request.known_peers.is_empty() && request.transport_headers.is_empty());
    assert!(request.headers.is_empty() && request.host_port.is_empty());
    assert!(all[0].response.ok);
    assert_eq!(&all[0].response.body[..], b"hi");
}

#[test]
fn keys_are_checked() {
    let one = "interactions:\n- request: {argScheme: 0, body: b, endpoint: e, serviceName: s}\n  response: {}\nversion: 1\n";
    assert!(interactions(one).is_ok());
    let changed = |from, to| refused(&one.replace(from, to));
    assert_eq!(changed("body: b", "bodi: b"), "line 2: a request has no `bodi`; correct or remove it");
    assert_eq!(changed("body: b, ", ""), "line 2: a request without `body`");
    assert_eq!(changed("body: b", "body: "), "line 2: a request without `body`");
    assert_eq!(changed("argScheme: 0, ", ""), "line 2: a request without `argScheme`");
    assert_eq!(changed("body: b", "body: b, body: c"), "line 2: a request has `body` twice; leave one");
    assert_eq!(changed("  response: {}\n", ""), "line 2: an interaction without `response`");
    assert_eq!(changed("{}", "[]"), "line 3: a response has to be a map");
    assert_eq!(
        changed("{}", "{code: 2}"),
        "line 3: code is 0 for success or 1 for an application error, not 2"
    );
    assert_eq!(
        changed("argScheme: 0", "argScheme: 3"),
        "line 2: argScheme is 0 for raw, 1 for json or 2 for thrift, not 3"
    );
    assert_eq!(changed("argScheme: 0", "argScheme: '0'"), "line 2: argScheme has to be a number");
    assert_eq!(changed("body: b", "body: [b]"), "line 2: body has to be text or !!binary");
    assert_eq!(changed("endpoint: e", "endpoint: !!binary /w=="), "line 2: endpoint has to be UTF-8");
    assert_eq!(changed("body: b", "[body]: b"), "line 2: a key has to be text");
    assert_eq!(
        changed("version: 1", "Version: 1"),
        "line 4: a cassette has no `Version`; correct or remove it"
    );
    assert_eq!(refused("a text"), "line 1: a cassette has to be a map");
    assert_eq!(refused("interactions: {}\nversion: 1"), "line 1: interactions has to be a list");
}

#[test]
fn transport_headers_keep_their_order_and_their_doubles() {
    let lines =
        "h\n    transportHeaders:\n    - {key: as, value: raw}\n    - {key: !!binary YXM=, value: json}";
    let request = read(lines).expect("it is sound");
    let expected = [TransportHeader::new("as", "raw"), TransportHeader::new("as", "json")];
    assert_eq!(request.transport_headers, expected);
}

#[test]
fn what_is_not_yaml_is_told_by_line() {
    assert!(refused("version: 1\n  interactions: []\n").starts_with("line 2: this is not YAML: "));
    assert!(refused(&with_headers("'no end")).contains(": this is not YAML: "));
    assert_eq!(
        refused("version: 1\n---\nversion: 1\n"),
        "line 2: a second document begins here; a cassette is one"
    );
    let file = with_headers("'\u{2028}'");
    assert_eq!(
        refused(&file),
        r"line 6: '\u{2028}' means different things to different readers; write it as an escape in double quotes"
    );
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels| format!("{}x{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(refused(&nested(MAX_DEPTH)), "line 1: a cassette has to be a map");
    assert!(refused(&nested(MAX_DEPTH + 1)).contains("nested more than 16 levels"));
    for hostile in ["[", "{", "- ", "? ", "{a: ", "[\n", "!!str [", "? - "] {
        assert!(interactions(&hostile.repeat(100_000)).is_err(), "{hostile:?}");
    }
}

#[test]
fn lists_in_brackets_are_bounded_before_they_end() {
    let list = |indicators: usize| format!("[{}]", "x,".repeat(indicators - 2));
    assert_eq!(refused(&list(MAX_INDICATORS)), "line 1: a cassette has to be a map");
    // The parser reads up to 16 characters ahead, which are counted for the event before.
    assert!(refused(&list(MAX_INDICATORS + 16)).starts_with("line 1: this is too long"));
}

#[test]
fn the_number_of_values_is_bounded() {
    // The list itself is one.
    let error = refused(&"- x\n".repeat(MAX_NODES));
    assert!(error.starts_with(&format!("line {MAX_NODES}: this is too long")), "{error}");
}
