use std::borrow::Cow;
use std::sync::Arc;

use super::{KEPT, Targets};

#[test]
fn the_same_target_is_found_again() {
    let targets = Targets::default();
    let first = targets.find("kv", b"get");
    assert!(Arc::ptr_eq(&first, &targets.find("kv", b"get")));
    assert!(!Arc::ptr_eq(&first, &targets.find("kv", b"set")));
    assert!(!Arc::ptr_eq(&first, &targets.find("kvg", b"et")));
}

#[test]
fn more_targets_than_fit_are_still_right() {
    let targets = Targets::default();
    for round in 0..2 {
        for n in 0..4 * KEPT {
            let name = format!("endpoint-{n}");
            let target = targets.find("service", name.as_bytes());
            assert_eq!(target.endpoint(), name.as_bytes(), "round {round}");
        }
    }
}

#[test]
fn headers_go_out_in_the_order_cn_as_re_others() {
    let target = Targets::default().find("kv", b"get");
    let others = [(Cow::from("sk"), "7".to_owned()), (Cow::from("a"), "b".to_owned())];
    let route = target.route("me", "json", "ct", &others).unwrap();
    let pairs: Vec<_> = route.headers().iter().collect();
    assert_eq!(pairs, [("cn", "me"), ("as", "json"), ("re", "ct"), ("sk", "7"), ("a", "b")]);
}

#[test]
fn plain_routes_are_encoded_once() {
    let target = Targets::default().find("kv", b"get");
    let first = target.plain_route("me", "raw").unwrap();
    let again = target.plain_route("me", "raw").unwrap();
    assert_eq!(first.as_bytes().as_ptr(), again.as_bytes().as_ptr());
    let pairs: Vec<_> = first.headers().iter().collect();
    assert_eq!(pairs, [("cn", "me"), ("as", "raw"), ("re", "c")]);
    assert!(target.plain_route("me", "own-scheme").is_ok());
}
