//! Sections of the decision tables and options of a call with their tests, whose names are read from the sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tchannel_rpc::CallOptions;

/// Sections of the channel's decision tables that can be seen from outside.
const SECTIONS: [u32; 9] = [1, 2, 3, 4, 5, 6, 7, 8, 11];

/// Every option of a call, and a test that fails without it.
const OPTIONS: [(&str, &str); 25] = [
    ("service", "n4_service_says_what_is_called_instead_of_the_subchannels_name"),
    ("parent", "n3_a_request_with_a_parent_goes_on_in_its_trace_and_waits_no_longer"),
    ("no_parent", "n3_parent_or_no_parent_must_be_said_and_not_both"),
    ("headers", "n5_further_headers_follow_in_their_order"),
    ("scheme", "n5_typed_headers_leave_under_their_keys"),
    ("caller", "n5_typed_headers_leave_under_their_keys"),
    ("shard_key", "n5_typed_headers_leave_under_their_keys"),
    ("routing_delegate", "n5_typed_headers_leave_under_their_keys"),
    ("routing_key", "n5_typed_headers_leave_under_their_keys"),
    ("failure_domain", "n5_typed_headers_leave_under_their_keys"),
    ("timeout", "n7_the_timeout_of_a_request_is_on_the_wire"),
    ("timeout_per_attempt", "n8_an_attempt_times_out_and_the_next_peer_answers"),
    ("max_attempts", "n9_max_attempts_bounds_the_attempts"),
    ("retry_flags", "n10_retry_flags_are_sent_and_read_as_they_are_meant"),
    ("retry_policy", "table_6_what_is_retried"),
    ("application_retry", "n6_the_application_may_have_a_response_retried"),
    ("allow_same_peer", "table_5_the_same_peer_may_be_tried_again_if_the_call_allows_it"),
    ("streamed", "n11_a_streamed_response_may_go_on_past_the_timeout"),
    ("track_pending", "n12_a_call_that_is_not_tracked_does_not_weigh_on_its_peer"),
    ("direct", "n13_a_host_is_connected_and_called_and_nobody_else_goes_there"),
    ("checksum", "n15_checksum_kinds_are_honoured_also_none"),
    ("trace", "n17_trace_off_without_a_parent_is_zeros"),
    ("tracing", "n18_tracing_is_used_as_it_is_when_it_is_forwarded"),
    ("forward_trace", "n19_a_forwarded_trace_keeps_its_span_in_every_attempt"),
    ("peer_score_threshold", "y2_a_peer_at_the_threshold_is_not_chosen"),
];

/// Where rows are shown: here, and where time is a number.
const SOURCES: [&str; 3] = ["rows", "golden.rs", "../core/mesh/src"];

fn tests() -> BTreeSet<String> {
    tests_below(&SOURCES)
}

/// The names of all tests in these files and directories.
pub(crate) fn tests_below(sources: &[&str]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in sources {
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(source), &mut names);
    }
    names
}

fn collect(path: &Path, names: &mut BTreeSet<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), names);
        }
        return;
    }
    let text = fs::read_to_string(path).unwrap();
    let after_attribute = text.split("#[test]\n").skip(1);
    let name = |test: &str| Some(test.trim_start().strip_prefix("fn ")?.split_once('(')?.0.to_owned());
    names.extend(after_attribute.filter_map(name));
}

#[test]
fn every_section_has_a_test_that_is_named_after_it() {
    let tests = tests();
    for prefix in SECTIONS.map(|section| format!("table_{section}_")) {
        assert!(tests.iter().any(|name| name.starts_with(&prefix)), "no test is named {prefix}…");
    }
}

#[test]
fn every_option_of_a_call_has_a_test_that_fails_without_it() {
    let tests = tests();
    let printed = format!("{:#?}", CallOptions::new());
    let fields = printed.lines().filter_map(|line| Some(line.strip_prefix("    ")?.split_once(':')?.0));
    assert_eq!(fields.collect::<Vec<_>>(), OPTIONS.map(|(field, _)| field));
    for (field, test) in OPTIONS {
        assert!(tests.contains(test), "`{field}` is to be shown by {test}, which is not there");
    }
}
