//! What all of these tests say.

use tchannel_tests::peers::{Error, ScenarioOutcome};

/// The value; a peer that does not run says why.
#[track_caller]
pub(crate) fn done<T>(result: Result<T, Error>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

/// Exactly these failed, in this order.
#[track_caller]
pub(crate) fn assert_failures(outcomes: &[ScenarioOutcome], expected: &[&str]) {
    let failed: Vec<_> = outcomes.iter().filter(|outcome| !outcome.ok).collect();
    let names: Vec<_> = failed.iter().map(|outcome| outcome.name.as_str()).collect();
    let details: Vec<_> = failed.iter().map(ToString::to_string).collect();
    assert_eq!(names, expected, "{}", details.join("\n"));
}

/// What the one of this name saw.
#[track_caller]
pub(crate) fn detail<'a>(outcomes: &'a [ScenarioOutcome], name: &str) -> &'a serde_json::Value {
    match outcomes.iter().find(|outcome| outcome.name == name) {
        Some(outcome) => &outcome.detail,
        None => panic!("{name} was not run"),
    }
}
