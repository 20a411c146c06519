use alloc::format;
use alloc::string::ToString;

use super::*;

#[test]
fn same_labels_have_one_key_and_other_labels_another() {
    let mut labels = Labels::new();
    let key = labels.key("moe", "curly", Some("echo"));
    assert_eq!(labels.key("moe", "curly", Some("echo")), key);
    for other in [
        labels.key("curly", "moe", Some("echo")),
        labels.key("moe", "curly", None),
        labels.key("moe", "", Some("echo")),
        labels.key("moe", "curly", Some("ech")),
    ] {
        assert_ne!(other, key);
    }
    assert_eq!(labels.labels(key).texts(), [Some("moe"), Some("curly"), Some("echo")]);
}

#[test]
fn no_labels_at_all_need_no_place() {
    let mut labels = Labels::new();
    assert_eq!(labels.key("", "", None), LabelKey::NONE);
    assert_eq!(labels.key("", "", Some("")), LabelKey::NONE);
    assert_eq!(labels.labels(LabelKey::NONE), &LabelSet::default());
    assert_eq!(labels.labels(LabelKey(12_345)), &LabelSet::default());
}

#[test]
fn labels_are_cut_at_100_characters() {
    let mut labels = Labels::new();
    let long = "\u{e4}".repeat(200);
    let key = labels.key(&long, &long, Some(&long));
    let cut = "\u{e4}".repeat(100);
    assert_eq!(labels.labels(key).texts(), [Some(cut.as_str()); 3]);
    assert_eq!(labels.key(&cut, &cut, Some(&cut)), key);
}

#[test]
fn sets_past_the_thousandth_go_to_other() {
    let mut labels = Labels::new();
    let first = labels.key("0", "moe", None);
    for n in 1..100_000 {
        labels.key(&n.to_string(), "moe", Some(&format!("/{n}")));
    }
    assert_eq!(labels.sets.len(), MAX_LABEL_SETS + 2);
    assert_eq!(labels.key("stranger", "moe", None), LabelKey::OTHER);
    assert_eq!(labels.labels(LabelKey::OTHER).texts(), [Some("other"); 3]);
    assert_eq!(labels.key("0", "moe", None), first);
}
