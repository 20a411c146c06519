use alloc::format;
use alloc::string::ToString;

use super::*;

fn texts(routers: &Routers) -> Vec<String> {
    routers.iter().map(ToString::to_string).collect()
}

#[test]
fn g10_json_host_list_gives_its_routers() {
    let one = Routers::from_json("[\"1.2.3.4:21300\"]").expect("one router");
    assert_eq!(texts(&one), ["1.2.3.4:21300"]);
    let two =
        Routers::from_json(" [ \"10.0.0.1:21300\",\n\"router.example:21301\" ]\n").expect("two routers");
    assert_eq!(texts(&two), ["10.0.0.1:21300", "router.example:21301"]);
}

#[test]
fn g10_non_array_is_an_error() {
    for document in
        ["{\"a\":1}", "\"1.2.3.4:21300\"", "17", "null", "", "1.2.3.4:21300\n", "[\"1.2.3.4:21300\""]
    {
        let error = Routers::from_json(document).expect_err(document);
        assert!(matches!(error, RoutersError::NotAList(_)), "{document}: {error}");
    }
    let error = Routers::from_json("{}").expect_err("an object");
    let said = "not a list of routers, write it as [\"host:port\", ..]: expected an array at byte 0";
    assert_eq!(error.to_string(), said);
}

#[test]
fn router_file_entries_that_are_no_texts_or_have_no_port_are_named() {
    for (document, said) in [
        ("[\"1.2.3.4:5\", 17]", "router 2 is 17, not a text: write it as \"host:port\""),
        ("[null]", "router 1 is null, not a text: write it as \"host:port\""),
        ("[[\"1.2.3.4:5\"]]", "router 1 is [\"1.2.3.4:5\"], not a text: write it as \"host:port\""),
        (
            "[\"1.2.3.4:5\", \"1.2.3.4\"]",
            "router 2: \"1.2.3.4\" is no peer: write it as host:port, with a port from 1 to 65535",
        ),
        (
            "[\"1.2.3.4:0\"]",
            "router 1: \"1.2.3.4:0\" is no peer: port 0 is where nobody listens; give the port that the peer announces",
        ),
    ] {
        let error = Routers::from_json(document).expect_err(document);
        assert_eq!(error.to_string(), said);
    }
    let long = Routers::from_json(&format!("[[\"{}\"]]", "x".repeat(10_000))).expect_err("not a text");
    assert!(long.to_string().len() < 200);
}

#[test]
fn file_wins_over_nothing_and_both_are_an_error() {
    let file = Some("[\"1.2.3.4:5\"]");
    let none: [&str; 0] = [];
    assert_eq!(texts(&Routers::given(&none, file).expect("the file's")), ["1.2.3.4:5"]);
    assert_eq!(texts(&Routers::given(&["6.7.8.9:10"], None).expect("the list's")), ["6.7.8.9:10"]);
    assert_eq!(Routers::given(&["6.7.8.9:10"], file), Err(RoutersError::Both));
}

#[test]
fn empty_list_is_an_error() {
    let none: [&str; 0] = [];
    for empty in [Routers::given(&none, None), Routers::given(&none, Some("[]")), Routers::new([])] {
        assert_eq!(empty, Err(RoutersError::Empty));
    }
}

#[test]
fn router_given_twice_is_kept_once_where_it_was_first() {
    let routers = Routers::from_texts(["b:2", "a:1", "b:02", "a:1", "c:3"]).expect("three routers");
    assert_eq!(texts(&routers), ["b:2", "a:1", "c:3"]);
}
