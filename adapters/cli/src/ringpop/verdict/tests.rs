use crate::exit::Exit;

use super::super::ask::Trouble;
use super::*;

fn answers(said: &[(&str, Option<&str>)]) -> Vec<Answer<String>> {
    let trouble = || Trouble { words: "refused".into(), exit: Exit::Local };
    let answer = |(peer, said): &(&str, Option<&str>)| Answer {
        peer: (*peer).to_owned(),
        said: said.map(str::to_owned).ok_or_else(trouble),
    };
    said.iter().map(answer).collect()
}

fn words(said: &[(&str, Option<&str>)]) -> (bool, String) {
    let verdict = Verdict::of("checksums", &answers(said), |word| format!("checksum {word}"));
    (verdict.agree, verdict.words)
}

#[test]
fn all_who_say_the_same_agree() {
    let said = words(&[("a:1", Some("7")), ("b:1", Some("7"))]);
    assert_eq!(said, (true, "checksums agree: 2 of 2 have checksum 7".into()));
}

#[test]
fn split_ring_is_told_with_the_larger_part_first() {
    let said = words(&[("a:1", Some("5")), ("b:1", Some("7")), ("c:1", Some("7"))]);
    let told = "checksums do not agree: 2 of 3 have checksum 7 (b:1, c:1); 1 of 3 have checksum 5 (a:1)";
    assert_eq!(said, (false, told.into()));
}

#[test]
fn who_does_not_answer_does_not_agree() {
    let said = words(&[("a:1", Some("7")), ("b:1", None), ("c:1", None)]);
    let told = "checksums do not agree: 1 of 3 have checksum 7 (a:1); no answer from b:1, c:1";
    assert_eq!(said, (false, told.into()));
    assert_eq!(words(&[("a:1", None)]), (false, "checksums do not agree: no answer from a:1".into()));
}
