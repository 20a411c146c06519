//! Which failures are tried again, where, and how often.

use std::collections::BTreeSet;
use std::time::Duration;

use tchannel_proto::Timestamp;
use tchannel_proto::wire::{ErrorCode, RetryFlags};
use tchannel_tests::mesh::model::End;
use tchannel_tests::mesh::{Ask, Knows, Mood, Scenario, Serve, Setup, Step, Way, Who, Word, World};

use super::{answered, calls, millis, played, seconds};

const C: RetryFlags = RetryFlags { connection: true, timeout: false };
const T: RetryFlags = RetryFlags { connection: false, timeout: true };
const CT: RetryFlags = RetryFlags { connection: true, timeout: true };
const N: RetryFlags = RetryFlags::NEVER;

/// Node 0 calls, the others serve.
fn mesh(servers: usize, steps: Vec<Step>) -> Scenario {
    let mut nodes = vec![Setup { knows: Knows::Nobody, ..Setup::default() }; servers + 1];
    nodes[0].knows = Knows::All;
    Scenario { nodes, steps, ..Scenario::default() }
}

fn attempts(world: &World) -> usize {
    world.calls().iter().map(|call| call.attempts.len()).sum()
}

fn refusing(code: ErrorCode) -> Ask {
    Ask { serve: Serve::Refuse { code, after: Duration::ZERO }, attempts: 3, ..Ask::default() }
}

#[test]
fn retry_table_holds_for_each_code_and_flag() {
    use ErrorCode::{
        BadRequest, Busy, Cancelled, Declined, Network, Timeout, Unexpected, Unhealthy, Unknown,
    };
    let table = [
        (Busy, [N, C, T, CT], [1, 3, 3, 3], 3),
        (Declined, [N, C, T, CT], [1, 3, 3, 3], 3),
        (Timeout, [N, C, T, CT], [1, 1, 3, 3], 1),
        (Network, [N, C, T, CT], [1, 3, 1, 3], 3),
        (Unexpected, [N, C, T, CT], [1, 3, 1, 3], 1),
        // Between processes of this implementation 0xFF on a call stays what it is.
        (ErrorCode::Fatal, [N, C, T, CT], [1, 3, 1, 3], 1),
        (BadRequest, [N, C, T, CT], [1, 1, 1, 1], 1),
        (Cancelled, [N, C, T, CT], [1, 1, 1, 1], 1),
        (Unhealthy, [N, C, T, CT], [1, 1, 1, 1], 1),
        // Sent as unexpected.
        (Unknown(0x42), [N, C, T, CT], [1, 3, 1, 3], 1),
    ];
    for (code, flags, expected, strict) in table {
        for (flags, expected) in flags.into_iter().zip(expected) {
            let ask = Ask { flags, ..refusing(code) };
            let world = played(&mesh(5, vec![calls(ask, 1), Step::Advance { time: seconds(1) }]));
            assert_eq!(attempts(&world), expected, "{code} with {flags:?}");
        }
        let ask = Ask { strict: true, ..refusing(code) };
        let world = played(&mesh(5, vec![calls(ask, 1), Step::Advance { time: seconds(1) }]));
        assert_eq!(attempts(&world), strict, "{code}, strict");
    }
}

#[test]
fn streamed_and_direct_calls_have_one_attempt() {
    let parts = Ask { way: Way::Parts { piece: 10, open: false }, ..refusing(ErrorCode::Busy) };
    let direct = Ask { direct: Some(Who { node: 1, by_name: false }), ..refusing(ErrorCode::Busy) };
    for ask in [parts, direct] {
        let world = played(&mesh(3, vec![calls(ask, 5), Step::Advance { time: seconds(1) }]));
        assert_eq!(attempts(&world), 5, "{ask:?}");
    }
}

#[test]
fn every_one_of_forty_nine_peers_is_tried_once() {
    let ask = Ask { attempts: 100, ..refusing(ErrorCode::Busy) };
    let world = played(&mesh(49, vec![calls(ask, 3), Step::Advance { time: seconds(1) }]));
    for call in world.calls() {
        let tried: BTreeSet<usize> = call.attempts.iter().map(|attempt| attempt.to).collect();
        assert_eq!((call.attempts.len(), tried.len()), (49, 49));
        let spans: BTreeSet<u64> = call.attempts.iter().map(|attempt| attempt.tracing.span_id).collect();
        assert_eq!(spans.len(), 49);
    }
}

#[test]
fn tried_peers_are_tried_again_only_if_that_is_allowed() {
    let again = Ask { same_peer: true, attempts: 7, ..refusing(ErrorCode::Busy) };
    let world = played(&mesh(3, vec![calls(again, 4), Step::Advance { time: seconds(1) }]));
    for call in world.calls() {
        assert_eq!(call.attempts.len(), 7);
        let first: BTreeSet<usize> = call.attempts[..3].iter().map(|attempt| attempt.to).collect();
        assert_eq!(first.len(), 3, "untried peers come first");
    }
}

/// Two minutes of fifty calls a second to servers that are all busy.
fn busy_minutes() -> Scenario {
    let mut steps: Vec<Step> =
        (1..=5).map(|node| Step::Mood { node, mood: Mood::Refuses(ErrorCode::Busy) }).collect();
    for _ in 0..1_200 {
        steps.extend([calls(Ask::default(), 5), Step::Advance { time: millis(100) }]);
    }
    mesh(5, steps)
}

#[test]
fn busy_servers_see_a_tenth_more_attempts_than_calls() {
    let scenario = busy_minutes();
    let world = super::run(&scenario);
    let (mut early, mut late) = ((0, 0), (0, 0));
    for call in world.calls() {
        let warm_up = call.started < Timestamp::from_millis(31_000);
        let count = if warm_up { &mut early } else { &mut late };
        count.0 += 1;
        count.1 += call.attempts.len();
    }
    // Before the window was filled nothing is denied: five attempts for each call.
    assert_eq!(early.1, 5 * early.0);
    let (calls, attempts) = late;
    assert!(attempts <= calls + calls / 10 + 5, "{attempts} attempts for {calls} calls");
    assert!(attempts >= calls + calls / 12, "{attempts} attempts for {calls} calls: retries are left unused");
}

#[test]
fn thousand_calls_that_fail_at_once_do_not_pass_the_budget_together() {
    let quiet = Ask { serve: Serve::Ignore, timeout: seconds(60), ..Ask::default() };
    let world = played(&mesh(
        2,
        vec![
            calls(Ask::default(), 1),
            Step::Advance { time: seconds(31) },
            calls(quiet, 1_000),
            Step::Cut { node: 0, peer: 1 },
            Step::Cut { node: 0, peer: 2 },
            Step::Advance { time: seconds(1) },
        ],
    ));
    let retries = attempts(&world) - 1_001;
    // The second node's connection is lost with its own calls and those that were tried there again.
    assert!((1..=100).contains(&retries), "{retries} retries");
}

#[test]
fn application_that_always_tries_again_gets_the_last_answer() {
    let ask = Ask {
        serve: Serve::NotOk { after: Duration::ZERO },
        word: Some(Word::Retry),
        attempts: 3,
        flags: N,
        ..Ask::default()
    };
    let world = played(&mesh(5, vec![calls(ask, 10), Step::Advance { time: seconds(1) }]));
    for call in world.calls() {
        assert!(matches!(call.end, Some((_, End::Answered))), "{:?}", call.end);
        assert_eq!(call.attempts.len(), 3);
    }
    assert_eq!(answered(&world), 0);
}

#[test]
fn one_well_peer_among_busy_ones_is_found() {
    let mut steps: Vec<Step> =
        (1..=4).map(|node| Step::Mood { node, mood: Mood::Refuses(ErrorCode::Busy) }).collect();
    steps.extend([calls(Ask::default(), 100), Step::Advance { time: seconds(1) }]);
    let world = played(&mesh(5, steps));
    assert_eq!((answered(&world), world.handled(5)), (100, 100));
}
