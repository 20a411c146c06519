use std::collections::BTreeSet;

use super::all;
use crate::interop::{Language, Scenario};

fn names(peer: Language) -> Vec<String> {
    all(peer).iter().map(|scenario| scenario.name().to_owned()).collect()
}

#[test]
fn scenarios_have_the_same_names_for_every_peer() {
    for peer in Language::ALL {
        assert_eq!(names(peer), names(Language::Other));
    }
}

#[test]
fn no_name_is_used_twice() {
    let names = names(Language::Other);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}

#[test]
fn names_can_be_given_in_a_list() {
    let fits = |name: &str| !name.starts_with('-') && !name.contains([',', ' ']);
    assert_eq!(all(Language::Other).iter().map(Scenario::name).find(|name| !fits(name)), None);
}
