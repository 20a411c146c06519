use std::vec;

use super::*;

fn cookies() -> Headers {
    [("Set-Cookie", "a"), ("Host", "h"), ("set-cookie", "b")].into_iter().collect()
}

#[test]
fn names_are_found_in_any_case() {
    let headers = cookies();
    assert_eq!(headers.get("SET-COOKIE").unwrap(), "a");
    assert_eq!(headers.get_all("set-cookie").collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(headers.get("cookie"), None);
    assert_eq!(headers.len(), 3);
}

#[test]
fn names_keep_their_case() {
    let names: Vec<_> = cookies().iter().map(|(name, _)| String::from(name)).collect();
    assert_eq!(names, vec!["Set-Cookie", "Host", "set-cookie"]);
}

#[test]
fn removing_takes_all_of_a_name() {
    let mut headers = cookies();
    headers.remove("SET-cookie");
    assert_eq!(headers, [("Host", "h")].into_iter().collect());
}
