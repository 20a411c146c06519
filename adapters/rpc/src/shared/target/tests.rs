use std::sync::Arc;

use tchannel_mesh::{ChannelConfig, Style};

use super::{KEPT, Origin};

fn origin() -> Arc<Origin> {
    Origin::new(&Arc::new(ChannelConfig::new("me")), Style::Python, None)
}

#[test]
fn the_same_target_is_found_again() {
    let origin = origin();
    let first = origin.target("kv", b"get");
    assert!(Arc::ptr_eq(&first, &origin.target("kv", b"get")));
    assert!(!Arc::ptr_eq(&first, &origin.target("kv", b"set")));
    assert!(!Arc::ptr_eq(&first, &origin.target("kvg", b"et")));
}

#[test]
fn more_targets_than_fit_are_still_right() {
    let origin = origin();
    for round in 0..2 {
        for n in 0..4 * KEPT {
            let name = format!("endpoint-{n}");
            let target = origin.target("service", name.as_bytes());
            assert_eq!(target.endpoint(), name.as_bytes(), "round {round}");
        }
    }
}

#[test]
fn plain_calls_are_planned_once() {
    let origin = origin();
    let target = origin.target("kv", b"get");
    let first = origin.plain_plan(&target, "raw").expect("valid");
    assert!(Arc::ptr_eq(&first, &origin.plain_plan(&target, "raw").expect("valid")));
    let pairs: Vec<_> = first.route.headers().iter().collect();
    assert_eq!(pairs, [("cn", "me"), ("as", "raw"), ("re", "c")]);
    assert!(origin.plain_plan(&target, "own-scheme").is_ok());
}

#[test]
fn a_call_without_a_scheme_has_that_of_the_defaults() {
    let mut config = ChannelConfig::new("me");
    config.defaults.scheme = Some("json".into());
    let origin = Origin::new(&Arc::new(config), Style::Python, None);
    let target = origin.target("kv", b"get");
    for (said, sent) in [("", "json"), ("raw", "raw"), ("thrift", "thrift"), ("", "json")] {
        let plan = origin.plain_plan(&target, said).expect("valid");
        assert_eq!(plan.route.headers().get("as"), Some(sent));
    }
}
