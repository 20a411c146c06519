//! Files that cannot be used: each error has the file, the place and what was expected there.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tchannel_idl::{Error, Fault, Idl};

fn fault(text: &str) -> String {
    Idl::parse(text).expect_err(text).to_string()
}

fn parse_files(files: &[(&str, &str)]) -> Result<Idl, Error> {
    let files: BTreeMap<String, String> =
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Idl::parse_files("main.thrift", &files)
}

fn fault_of(files: &[(&str, &str)]) -> String {
    parse_files(files).expect_err("it is at fault").to_string()
}

#[test]
fn names_that_mean_nothing_are_shown() {
    let faults = [
        ("struct A {\n 1: B b\n}", "2:5: expected a type, but `B` is none"),
        (
            "struct A { 1: b.B b }",
            "1:15: expected a type, but `b.B` is none: `b` is neither an included file nor a type",
        ),
        ("service A {} struct B { 1: A a }", "1:28: expected a type, but `A` is none: it is a service"),
        ("service A { B b() }", "1:13: expected a type, but `B` is none"),
        ("service A { void b(1: C c) }", "1:23: expected a type, but `C` is none"),
        ("service A { void b() throws (1: C c) }", "1:33: expected a type, but `C` is none"),
        ("struct A {} service B extends A {}", "1:31: expected a service, but `A` is none: it is a type"),
        (
            "service Foo {}\nconst i32 bar = Foo",
            "2:17: expected a constant, but `Foo` is none: it is a service",
        ),
        ("const A a = 1", "1:7: expected a type, but `A` is none"),
        (
            "enum A { B } const A c = B",
            "1:26: expected a value of the enum, but `B` is none; did you mean `A.B`?",
        ),
        (
            "enum A { B } const A c = A.C",
            "1:26: expected a value of the enum, but `A.C` is none; there are `A.B`",
        ),
        (
            "struct A { 1: i32 b, 2: i32 c } const A a = {'d': 1}",
            "1:46: expected a field, but `d` is none; A has `b`, `c`",
        ),
    ];
    for (text, expected) in faults {
        assert_eq!(fault(text), format!("source:{expected}"), "{text}");
    }
}

#[test]
fn names_and_ids_are_given_once() {
    let faults = [
        (
            "struct A {}\nunion A {}",
            "2:7: expected a new name for the type, but `A` is taken: the first one is in line 1",
        ),
        ("const i32 a = 1 const i32 a = 2", "1:27: expected a new name for the constant, but `a` is taken"),
        ("service A {} service A {}", "1:22: expected a new name for the service, but `A` is taken"),
        ("struct A { 1: i32 a, 1: i32 b }", "1:22: expected a new id for the field, but `1` is taken"),
        ("struct A { -1: i32 a, i32 b }", "1:27: expected a new id for the field, but `-1` is taken"),
        ("struct A { 1: i32 a, 2: i32 a }", "1:29: expected a new name for the field, but `a` is taken"),
        ("enum A { B, B }", "1:13: expected a new name for the value, but `B` is taken"),
        ("service A { void b() void b() }", "1:27: expected a new name for the method, but `b` is taken"),
        (
            "service A { void b() } service B extends A {} service C extends B { i32 b() }",
            "1:73: expected a new name for the method, but `b` is taken: it is inherited from A",
        ),
        (
            "struct A { 1: i32 a } const A b = {'a': 1, 'a': 2}",
            "1:44: expected a new name for the field, but `a` is taken",
        ),
    ];
    for (text, expected) in faults {
        let fault = fault(text);
        assert!(fault.starts_with(&format!("source:{expected}")), "{text}\n{fault}");
    }
}

#[test]
fn numbers_have_a_range() {
    let faults = [
        ("struct A { 32768: i32 a }", "1:12: expected an id from -32768 to 32767, found `32768`"),
        (
            "service A { void a() throws (0: B b) } exception B {}",
            "1:30: expected an id of 1 or more for the exception, found `0`",
        ),
        (
            "service A { void a() throws (B b) } exception B {}",
            "1:32: expected an id of 1 or more for the exception, found none",
        ),
        (
            "enum A { B = 0x7fffffff, C }",
            "1:26: expected a number from -2^31 to 2^31 - 1, found `2147483648`",
        ),
        ("enum A { B = 68719476736 }", "1:14: expected a number from -2^31 to 2^31 - 1, found `68719476736`"),
        ("const byte a = 128", "1:16: expected a number from -128 to 127, found `128`"),
        ("const i16 a = -32769", "1:15: expected a number from -32768 to 32767, found `-32769`"),
        ("const bool a = 2", "1:16: expected `true` or `false`, found `2`"),
        ("enum A { B } const A a = 1", "1:26: expected a value of the enum A, found `1`"),
    ];
    for (text, expected) in faults {
        assert_eq!(fault(text), format!("source:{expected}"), "{text}");
    }
}

#[test]
fn constants_have_their_types() {
    let faults = [
        ("const i32 a = 'x'", "1:15: expected a number from -2^31 to 2^31 - 1, found a string"),
        ("const string a = 5", "1:18: expected a string in quotes, found `5`"),
        ("const binary a = []", "1:18: expected a binary, as a string in quotes, found a list"),
        ("const list<i32> a = 5", "1:21: expected a list, found `5`"),
        ("const set<i32> a = {1: 2}", "1:20: expected a set, written as a list, found a map"),
        ("const map<i32, i32> a = [1]", "1:25: expected a map, found a list"),
        ("const list<i32> a = [1, 2.5]", "1:25: expected a number from -2^31 to 2^31 - 1, found `2.5`"),
        ("struct A {} const A a = 1", "1:25: expected a struct A, written as a map, found `1`"),
        (
            "struct A { 1: i32 a } const A b = {a: 1}",
            "1:36: expected the name of a field in quotes, found `a`",
        ),
        (
            "struct A { 1: required i32 a } const A b = {}",
            "1:44: expected the required field `a` of A, found none",
        ),
        (
            "union A { 1: i32 a, 2: i32 b } const A c = {}",
            "1:44: expected exactly one field of the union A, found 0",
        ),
        (
            "const string a = 'x' const i32 b = a",
            "1:36: expected a number from -2^31 to 2^31 - 1, found the constant `a`, which is a string in quotes",
        ),
        ("const i32 a = 300 const byte b = a", "1:15: expected a number from -128 to 127, found `300`"),
    ];
    for (text, expected) in faults {
        assert_eq!(fault(text), format!("source:{expected}"), "{text}");
    }
}

#[test]
fn nothing_leads_back_to_itself() {
    let faults = [
        (
            "typedef list<B> A\ntypedef A B",
            "1:17: expected a type that does not lead back to itself, but `A` does",
        ),
        (
            "const i32 a = b const i32 b = a",
            "1:11: expected a constant that does not lead back to itself, but `a` does",
        ),
        (
            "struct A { 1: A a = {} }",
            "1:21: expected a default that does not lead back to itself, but `A.a` does",
        ),
        (
            "service A extends C {}\nservice B extends A {}\nservice C extends B {}",
            "1:19: expected a service that does not lead back to itself, but `A` does",
        ),
    ];
    for (text, expected) in faults {
        assert_eq!(fault(text), format!("source:{expected}"), "{text}");
    }
}

#[test]
fn includes_that_cannot_be_had_are_named_where_they_are_asked_for() {
    let main = |text| fault_of(&[("main.thrift", text)]);
    assert_eq!(
        main("\n include 'no.thrift'"),
        "main.thrift:2:2: expected a file that can be read, but `no.thrift` cannot be: no such file"
    );
    assert_eq!(
        main("include '/etc/passwd'"),
        "main.thrift:1:1: expected a path relative to this file, found \"/etc/passwd\""
    );
    assert_eq!(
        Idl::parse("include 'a.thrift'").unwrap_err().to_string(),
        "source:1:1: expected a file that can be read, but `a.thrift` cannot be: a text without a name cannot include files"
    );
    let missing = Idl::load("no/such.thrift").unwrap_err();
    assert!(matches!(missing.fault(), Fault::Unreadable { .. }), "{missing}");
    assert_eq!((missing.file(), missing.at()), ("no/such.thrift", None));
}

#[test]
fn errors_are_in_the_file_that_has_them() {
    let files = [
        ("main.thrift", "include 'a/b.thrift'"),
        ("a/b.thrift", "include '../c.thrift'"),
        ("c.thrift", "\n x"),
    ];
    assert!(fault_of(&files).starts_with("c.thrift:2:2: expected `include`"), "{}", fault_of(&files));
    let files = [("main.thrift", "include 'a.thrift' struct B { 1: a.C c }"), ("a.thrift", "struct A {}")];
    assert_eq!(fault_of(&files), "main.thrift:1:34: expected a type, but `a.C` is none");
}

#[test]
fn two_included_files_need_two_names() {
    let files = [
        ("main.thrift", "include 'a/x.thrift' include 'b/x.thrift'"),
        ("a/x.thrift", ""),
        ("b/x.thrift", ""),
    ];
    assert_eq!(
        fault_of(&files),
        "main.thrift:1:22: expected a new name for the included file, but `x` is taken; \
         give one an alias, as in `include other \"./file.thrift\"`"
    );
}

#[test]
fn what_is_included_has_to_be_said() {
    let files = [("main.thrift", "include 'a.thrift' struct B { 1: A a }"), ("a.thrift", "struct A {}")];
    assert_eq!(fault_of(&files), "main.thrift:1:34: expected a type, but `A` is none; did you mean `a.A`?");
    let files = [
        ("main.thrift", "include 'a.thrift' struct B { 1: a.b.A a }"),
        ("a.thrift", "include 'b.thrift'"),
        ("b.thrift", "struct A {}"),
    ];
    assert_eq!(fault_of(&files), "main.thrift:1:34: expected a type, but `a.b.A` is none");
}

fn limit(text: &str) -> &'static str {
    let error = Idl::parse(text).expect_err("it is too much");
    let Fault::Limit { what, .. } = error.fault() else { panic!("{error}") };
    what
}

#[test]
fn chains_of_typedefs_constants_and_services_are_bounded() {
    let chain = |len: usize, first: &str, next: fn(usize) -> String| {
        (1..len).fold(first.to_owned(), |mut text, at| {
            text.push_str(&next(at));
            text
        })
    };
    let typedefs = |len| chain(len, "typedef i32 t0 ", |at| format!("typedef list<t{}> t{at} ", at - 1));
    Idl::parse(&typedefs(64)).expect("64 levels");
    assert_eq!(limit(&typedefs(20_000)), "levels of nesting");
    let typedefs = |len| chain(len, "typedef t1 t0 ", |at| format!("typedef t{} t{at} ", at + 1));
    assert_eq!(limit(&format!("{} typedef i32 t20000", typedefs(20_000))), "levels of nesting");
    let constants = |len| chain(len, "const i32 c0 = 1 ", |at| format!("const i32 c{at} = c{} ", at - 1));
    Idl::parse(&constants(64)).expect("64 levels");
    assert_eq!(limit(&constants(10_000)), "levels of nesting");
    let services =
        |len| chain(len, "service s0 {} ", |at| format!("service s{at} extends s{} {{}} ", at - 1));
    Idl::parse(&services(64)).expect("64 services");
    assert_eq!(limit(&services(10_000)), "services that extend each other");
}

#[test]
fn values_that_double_are_bounded() {
    let mut text = "typedef list<i32> t0 const t0 c0 = [1, 1]\n".to_owned();
    for at in 1..40 {
        let before = at - 1;
        writeln!(text, "typedef list<t{before}> t{at} const t{at} c{at} = [c{before}, c{before}]").unwrap();
    }
    assert_eq!(limit(&text), "values in all constants and defaults");
    let mut text = "typedef i32 t0\n".to_owned();
    for at in 1..40 {
        writeln!(text, "typedef map<t{}, t{}> t{at}", at - 1, at - 1).unwrap();
    }
    assert_eq!(limit(&text), "types within one type");
}

#[test]
fn text_and_files_are_bounded() {
    let large = " ".repeat(4 << 20);
    Idl::parse(&large).expect("4 MiB");
    assert_eq!(limit(&format!("{large} ")), "bytes in all files together");
    let mut asked = 0;
    let endless = Idl::parse_with("0.thrift", |_| {
        asked += 1;
        Ok(format!("include '{asked}.thrift'"))
    });
    assert!(matches!(endless.unwrap_err().fault(), Fault::Limit { what: "files", .. }));
    assert_eq!(asked, 1000);
}

#[test]
fn many_services_with_one_large_ancestor_take_no_long() {
    let methods: String = (0..4_000).fold(String::new(), |text, at| text + &format!("void m{at}() "));
    let leaves: String =
        (0..4_000).fold(String::new(), |text, at| text + &format!("service l{at} extends b {{}} "));
    Idl::parse(&format!("service b {{ {methods} }} {leaves}")).expect("it is sound");
}
