use super::Taken;

#[test]
fn names_follow_rusts_conventions() {
    let mut taken = Taken::default();
    assert_eq!(taken.camel("NOW_EAT_THIS"), "NowEatThis");
    assert_eq!(taken.camel("second_chance"), "SecondChance");
    assert_eq!(taken.snake("getHTTPStatus2"), "get_http_status2");
    assert_eq!(taken.shouty("maxEntries"), "MAX_ENTRIES");
    assert_eq!(taken.shouty("GEn_DUB"), "GEN_DUB");
}

#[test]
fn names_that_would_be_the_same_are_told_apart() {
    let mut taken = Taken::default();
    let names =
        ["ClassAndProp", "classAndProp_", "class_and_prop__"].map(|name| taken.snake(name).to_string());
    assert_eq!(names, ["class_and_prop", "class_and_prop_", "class_and_prop__"]);
    assert_eq!(Taken::in_module(&["Client"]).camel("client"), "Client_");
    assert_eq!(Taken::in_module(&[]).camel("option"), "Option_");
}

#[test]
fn words_of_rust_are_raw_or_have_an_underscore() {
    let mut taken = Taken::default();
    let names = ["type", "gen", "async", "self", "crate", "union"].map(|name| taken.snake(name).to_string());
    assert_eq!(names, ["r#type", "r#gen", "r#async", "self_", "crate_", "union"]);
    assert_eq!(taken.camel("self"), "Self_");
}

#[test]
fn names_without_letters_get_one() {
    let mut taken = Taken::default();
    assert_eq!(
        [taken.snake("_"), taken.snake("__"), taken.snake("_1")].map(|name| name.to_string()),
        ["n", "n_", "n1"]
    );
    assert_eq!(taken.camel("_2nd"), "N2nd");
}
