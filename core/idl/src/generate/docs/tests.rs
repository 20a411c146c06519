use super::text;

#[test]
fn prose_keeps_its_words_and_marks_names_as_code() {
    let plain = "Starts a workflow; it's 100% done, e.g. \"now\" (or: later).";
    assert_eq!(text(plain), plain);
    assert_eq!(
        text("See StartWorkflow, some_field or std::path (not getValue(), twice)."),
        "See `StartWorkflow`, `some_field` or `std::path` (not `getValue()`, twice)."
    );
}

#[test]
fn what_markdown_would_take_for_its_own_is_code() {
    assert_eq!(text("[a] <b> *c* #d `e` f\\g"), "`[a]` `<b>` `*c*` `#d` `'e'` `f\\g`");
}

#[test]
fn links_are_links() {
    assert_eq!(text("At https://example.com/a_b."), "At <https://example.com/a_b>.");
}

#[test]
fn paragraphs_are_kept_and_lines_joined_as_they_are() {
    assert_eq!(text("One\ntwo.\n\n\nThree."), "One\ntwo.\n\nThree.");
}

#[test]
fn what_is_laid_out_by_hand_stays_as_it_is() {
    let laid_out = "It does:\n\n  - this_thing\n\t- that\n\n```\nand this";
    assert_eq!(text(laid_out), "It does:\n\n```text\n  - this_thing\n    - that\n\n'''\nand this\n```");
    assert_eq!(text("1. one\n2. two"), "```text\n1. one\n2. two\n```");
}
