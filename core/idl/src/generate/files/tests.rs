use std::collections::BTreeMap;

use super::*;
use crate::Idl;

fn names(entry: &str, files: &[(&str, &str)]) -> Vec<String> {
    let files: BTreeMap<String, String> =
        files.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
    told(Idl::parse_files(entry, &files).unwrap().definitions())
}

#[test]
fn names_begin_where_the_files_part() {
    let service = "service S {}";
    assert_eq!(names("a.thrift", &[("a.thrift", service)]), ["a.thrift"]);
    assert_eq!(names("/home/me/idl/a.thrift", &[("/home/me/idl/a.thrift", service)]), ["a.thrift"]);
    let including = format!("include \"../shared/b.thrift\" {service}");
    let files = [("/home/me/idl/a.thrift", including.as_str()), ("/home/me/shared/b.thrift", "")];
    assert_eq!(names(files[0].0, &files), ["idl/a.thrift", "shared/b.thrift"]);
    let files = [("./idl/a.thrift", including.as_str()), ("shared/b.thrift", "")];
    assert_eq!(names(files[0].0, &files), ["idl/a.thrift", "shared/b.thrift"]);
    let files = [("idle/a.thrift", including.as_str()), ("shared/b.thrift", "")];
    assert_eq!(names(files[0].0, &files), ["idle/a.thrift", "shared/b.thrift"]);
    let including = format!("include \"../b.thrift\" {service}");
    let files = [("a.thrift", including.as_str()), ("../b.thrift", "")];
    assert_eq!(names(files[0].0, &files), ["a.thrift", "../b.thrift"]);
    assert!(names("a.thrift", &[("a.thrift", "struct A {}")]).is_empty(), "nobody serves it");
}

#[test]
fn texts_are_literals_of_rust() {
    let read = |text: &str| syn::parse_str::<syn::LitStr>(&literal(text)).unwrap().value();
    for text in ["", "a\nb\n", "include \"a\"", "\"#\"##\\", "\r\n\"", "h\u{e9}", "\u{202E}a\u{2066}\0"] {
        assert_eq!(read(text), text);
    }
    assert_eq!(literal("\u{202E}"), "\"\\u{202e}\"");
    assert_eq!(literal("a"), "r\"a\"");
    assert_eq!(literal("\"a\""), "r#\"\"a\"\"#");
}
