use std::time::Duration;

use super::{BLOCKING, Endpoint, QUICK, TRUSTED};
use crate::{Reply, Request};

const LONGER: Duration = Duration::from_nanos(1);

fn endpoint() -> Endpoint {
    Endpoint::new("s", b"e", |_: Request| async { Ok(Reply::ok("", "")) })
}

fn trusted() -> Endpoint {
    let endpoint = endpoint();
    (0..4 * TRUSTED).for_each(|_| endpoint.note(QUICK, true));
    endpoint
}

#[test]
fn a_handler_earns_its_place_at_the_reader() {
    let endpoint = endpoint();
    for _ in 0..TRUSTED {
        assert!(!endpoint.is_quick());
        endpoint.note(QUICK, true);
    }
    assert!(endpoint.is_quick());
}

#[test]
fn handlers_that_wait_earn_nothing() {
    let endpoint = endpoint();
    (0..4 * TRUSTED).for_each(|_| endpoint.note(QUICK, false));
    assert!(!endpoint.is_quick());
}

#[test]
fn one_slow_step_is_forgiven_and_a_few_are_not() {
    let endpoint = trusted();
    endpoint.note(QUICK + LONGER, true);
    assert!(endpoint.is_quick());
    (0..2).for_each(|_| endpoint.note(QUICK + LONGER, true));
    assert!(!endpoint.is_quick());
}

#[test]
fn one_blocking_step_is_enough() {
    let endpoint = trusted();
    endpoint.note(BLOCKING + LONGER, true);
    assert!(!endpoint.is_quick());
}
