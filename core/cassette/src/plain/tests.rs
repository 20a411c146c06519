use super::{is_null, is_text};

fn scalars(lists: &[&'static str]) -> impl Iterator<Item = &'static str> {
    lists.iter().flat_map(|list| list.split('|'))
}

#[test]
fn scalars_that_yaml_reads_as_something_else_are_no_text() {
    let others = [
        "|~|null|Null|NULL|yes|Yes|YES|no|true|TRUE|False|off|On|<<|=",
        "0|00|-1|+7|1_000|1__|07_|0b1|0b_|0xfF_|-0x1",
        ".5|.5_|1.|1._|1.e+5|1.5e+5|1.0E-5|+.inf|.nan|-1.5",
        "1:30|1:5|-1:30|1_:30|1:2:3|1:30.5|0:30.5|1:30.|190:20:30.15",
        "2015-08-04|2015-8-4 1:02:03|2015-08-04t1:02:03.|2015-08-04T01:02:03Z",
        "2015-08-04T01:02:03 +2|2015-08-04  01:02:03.25 -02:00",
    ];
    for scalar in scalars(&others) {
        assert!(!is_text(scalar), "{scalar:?}");
    }
}

#[test]
fn everything_else_is_text() {
    let texts = [
        " |y|yEs|oN|nULL|none|é|écho|echo|KeyValue::getValue",
        "+|-|_1|08|0o7|0b|0x|0b2|1a",
        ".|._|-.5|-.nan|1.5e5|1e5|1E+5|1.2.3|127.0.0.1|1.x",
        "127.0.0.1:4040|localhost:4040|0:30|01:30|1:60|1:|:30|1:4040",
        "2015-8-4|2015-08-04T01:02:03 |2015-08-04T01:02:03+|2015-08-04T1:2:3|2015-08-041",
    ];
    for scalar in scalars(&texts) {
        assert!(is_text(scalar), "{scalar:?}");
    }
}

#[test]
fn nothing_is_not_the_word_none() {
    assert!(is_null("") && is_null("~"));
    assert!(!is_null("none") && !is_null("0") && !is_null(" "));
}
