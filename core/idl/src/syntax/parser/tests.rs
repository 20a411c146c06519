use super::*;
use crate::syntax::MAX_NESTING;
use crate::syntax::tree::{Field, Value, ValueKind};

fn file(text: &str) -> File {
    whole(text).unwrap_or_else(|(at, fault)| panic!("{at}: {fault}\n{text}"))
}

fn body(text: &str) -> Body {
    file(text).definitions.remove(0).body
}

fn constant_value(text: &str) -> ValueKind {
    let body = body(&format!("const x x = {text}"));
    let Body::Constant { value: Value { kind, .. }, .. } = body else { panic!("{body:?}") };
    kind
}

fn fields(text: &str) -> Vec<Field> {
    let body = body(&format!("struct S {{ {text} }}"));
    let Body::Struct(_, fields) = body else { panic!("{body:?}") };
    fields
}

fn docs(text: &str) -> Vec<Option<String>> {
    file(text).definitions.into_iter().map(|definition| definition.doc).collect()
}

#[test]
fn each_kind_of_definition_is_read() {
    let file = file(
        "include 'a.thrift' include b './b.thrift' cpp_include \"<c>\"
         namespace * x namespace py.twisted x.y namespace php 'x' namespace smalltalk.category A-B-c
         php_namespace 'x' cpp_namespace x
         const i32 A = 1; typedef list<i32> B, enum C { D, E = 2; F } senum G { 'x', 'y' }
         struct H { 1: i32 a } union I { 1: i32 a } exception J { 1: i32 a };
         service K extends a.L { oneway void m(), async void o(), async p() i32 n(1: i32 a) throws (1: J j) }",
    );
    let names: Vec<_> = file.definitions.iter().map(|definition| definition.name.text.as_str()).collect();
    assert_eq!(names, ["A", "B", "C", "G", "H", "I", "J", "K"]);
    assert_eq!(file.includes[0].path, "a.thrift");
    assert_eq!(file.includes[1].alias.as_ref().unwrap().text, "b");
    let Body::Service { extends, methods } = &file.definitions[7].body else { panic!() };
    assert_eq!(extends.as_ref().unwrap().text, "a.L");
    let oneway: Vec<bool> = methods.iter().map(|method| method.oneway).collect();
    assert_eq!(oneway, [true, true, false, false]);
    assert!(matches!(&methods[2].returns, Some(Type::Named(name)) if name.text == "async"));
    assert_eq!(methods[3].throws.len(), 1);
}

#[test]
fn words_of_the_language_are_names_where_a_name_is_expected() {
    let fields = fields("1: required string string, 2: bool bool = 1; optional struct struct 4: enum map");
    let names: Vec<&str> = fields.iter().map(|field| field.name.text.as_str()).collect();
    assert_eq!(names, ["string", "bool", "struct", "map"]);
    let ids: Vec<Option<i64>> = fields.iter().map(|field| field.id.map(|(id, _)| id)).collect();
    assert_eq!(ids, [Some(1), Some(2), None, Some(4)]);
}

#[test]
fn what_other_languages_are_told_is_passed_over() {
    let text = "xsd_all { 1: list<double (a = '1')> cpp_type 'x' (b) a = [] xsd_optional xsd_nillable
                xsd_attributes { 1: i32 x } (c.d = \"e\", f), 2: map cpp_type 'm' <i8, i8> & b } (g = 1)";
    let Body::Struct(_, fields) = body(&format!("struct S {text}")) else { panic!() };
    assert_eq!(fields.len(), 2);
    assert!(matches!(&fields[0].ty, Type::List(item) if **item == Type::Double));
}

#[test]
fn numbers_are_decimal_or_hexadecimal() {
    let int = |text| {
        let ValueKind::Int(number) = constant_value(text) else { panic!("{text}") };
        number
    };
    assert_eq!(int("098325"), 98325);
    assert_eq!(int("-127"), -127);
    assert_eq!(int("+0x1F"), 31);
    assert_eq!(int("-9223372036854775808"), i64::MIN);
    assert_eq!(int("0x7fffffffffffffff"), i64::MAX);
    assert_eq!(constant_value("085.2355"), ValueKind::Double(85.2355));
    assert_eq!(constant_value("-.5e+3"), ValueKind::Double(-500.0));
}

#[test]
fn strings_have_either_quote_and_escapes() {
    let text = |written| {
        let ValueKind::Text(text) = constant_value(written) else { panic!("{written}") };
        text
    };
    assert_eq!(text(r#""it's""#), "it's");
    assert_eq!(text(r#"'json:\"a\"'"#), "json:\"a\"");
    assert_eq!(text(r"'\n\t\\\'\x41\u91cd\q'"), "\n\t\\'A\u{91cd}q");
    assert_eq!(text("'two\nlines'"), "two\nlines");
}

#[test]
fn lists_and_maps_need_no_commas() {
    assert_eq!(constant_value("[]"), ValueKind::List(Vec::new()));
    assert!(matches!(constant_value("[1 2, [3]; a.b]"), ValueKind::List(items) if items.len() == 4));
    assert!(matches!(constant_value("{1: {}, 'a': 2;}"), ValueKind::Map(pairs) if pairs.len() == 2));
}

#[test]
fn the_comment_in_front_of_a_definition_documents_it() {
    let doc = docs(
        "/* licence */\n\n// of A\n// more\nconst i32 A = 1\n/* of B */ const i32 B = 1 // behind B\n\
         # of C\nconst i32 C = 1\n// far\n\nconst i32 D = 1",
    );
    assert_eq!(doc, [Some("of A\nmore".into()), Some("of B".into()), Some("of C".into()), None]);
}

#[test]
fn a_documentation_comment_counts_wherever_it_is() {
    let doc = docs("/* C1 */\n/** Doc */\n/* C2 */\n\n/* C3 */\nstruct A {} /**/ struct B {}");
    assert_eq!(doc, [Some("Doc".into()), None]);
}

#[test]
fn stars_and_common_indentation_are_no_words() {
    let doc = docs("/**\n   * Line one.\n   *   Indented.\n   *\n   * Line two.\n   **/\nstruct A {}");
    assert_eq!(doc[0].as_deref(), Some("Line one.\n  Indented.\n\nLine two."));
    let doc =
        docs("/**\n  No stars.\n    Indented.\n    */\nstruct A {}\n/** First\n  * second */ struct B {}");
    assert_eq!(doc[0].as_deref(), Some("No stars.\n  Indented."));
    assert_eq!(doc[1].as_deref(), Some("First\nsecond"));
    assert_eq!(docs("/**\n*\n*\n*/ struct A {}"), [None]);
}

#[test]
fn a_comment_behind_a_field_documents_it() {
    let fields =
        fields("1: i32 a, // of a\n 2: i32 b /* of b */\n // of c\n 3: i32 c // not this\n 4: i32 d");
    let docs: Vec<_> = fields.iter().map(|field| field.doc.as_deref()).collect();
    assert_eq!(docs, [Some("of a"), Some("of b"), Some("of c"), None]);
    let Body::Enum(members) = body("enum E {\n A // of A\n /** of B */ B, /* of C */ C }") else { panic!() };
    let docs: Vec<_> = members.iter().map(|member| member.doc.as_deref()).collect();
    assert_eq!(docs, [Some("of A"), Some("of B"), Some("of C")]);
}

fn fault(text: &str) -> String {
    let (at, fault) = whole(text).expect_err(text);
    format!("{at}: {fault}")
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let faults = [
        ("struct A {\n  1: string\n}", "3:1: expected a name for the field, found `}`"),
        ("struct A {\n  1 string a\n}", "2:5: expected `:`, found `string`"),
        ("struct A { 1: }", "1:15: expected a type, found `}`"),
        ("struct A { = }", "1:12: expected a field, or `}`, found `=`"),
        ("struct A {", "1:11: expected a field, or `}`, found the end of the file"),
        ("struct A.B {}", "1:8: expected a name for the type, without points, found `A.B`"),
        ("struct A { 1: b..c d }", "1:15: expected a type, with letters between its points, found `b..c`"),
        ("enum A { 1 }", "1:10: expected a name for a value, or `}`, found `1`"),
        ("enum A { B = C }", "1:14: expected the number of the value, found `C`"),
        ("const i32 a 5", "1:13: expected `=`, found `5`"),
        ("const i32 a = ", "1:15: expected a value, found the end of the file"),
        ("const i32 a = 5x", "1:15: expected a whole number from -2^63 to 2^63 - 1, found `5x`"),
        ("const i32 a = -", "1:15: expected a number, found `-`"),
        ("const double a = 1e999", "1:18: expected a number that a double can hold, found `1e999`"),
        ("const string a = 'b", "1:18: expected `'` at the end of the string, found the end of the file"),
        ("const string a = '\\xzz'", "1:18: expected 2 hexadecimal digits of a character, found `zz`"),
        ("const x a = {1, 2}", "1:15: expected `:`, found `,`"),
        ("/* b\n c", "1:1: expected `*/` at the end of the comment, found the end of the file"),
        (
            "\u{feff}// \u{91cd}\n\u{e9}",
            "2:1: expected a name, a number, a string or a symbol, found `\u{e9}`",
        ),
        ("service A { void b( }", "1:21: expected a field, or `)`, found `}`"),
        ("service A { void }", "1:18: expected a name for the method, found `}`"),
        ("service A { void b() throws }", "1:29: expected `(`, found `}`"),
        (
            "service A { i32 b(1: void c) }",
            "1:22: expected a type, found `void`, which only a method returns",
        ),
        ("service A extends { }", "1:19: expected the name of a service, found `{`"),
        ("typedef map<i32> a", "1:16: expected `,`, found `>`"),
        ("typedef list<i32 a", "1:18: expected `>`, found `a`"),
        ("include a", "1:10: expected a path in quotes, found the end of the file"),
        ("namespace", "1:10: expected a language or `*`, found the end of the file"),
        ("5", "1:1: expected a definition, such as `struct`, found `5`"),
        ("struct A {} (b = )", "1:18: expected a string, found `)`"),
    ];
    for (text, expected) in faults {
        assert_eq!(fault(text), expected, "{text}");
    }
    assert!(fault("class A {}").starts_with("1:1: expected `include`, "), "{}", fault("class A {}"));
    assert!(fault("class A {}").ends_with(", found `class`"));
}

#[test]
fn lines_end_as_on_any_system() {
    assert_eq!(fault("// a\r// b\r\n\r\n5").split(':').next(), Some("4"));
}

#[test]
fn nesting_is_bounded() {
    for (open, close) in [("list<", ">"), ("map<i32,", ">")] {
        let nested = |levels| format!("typedef {}i32{} a", open.repeat(levels), close.repeat(levels));
        file(&nested(MAX_NESTING - 1));
        assert!(fault(&nested(100_000)).ends_with("expected at most 64 levels of nesting"));
    }
    let nested = |levels| format!("const x a = {}{}", "[".repeat(levels), "]".repeat(levels));
    file(&nested(MAX_NESTING));
    assert!(fault(&nested(100_000)).ends_with("expected at most 64 levels of nesting"));
    let nested = format!("struct a {{ {}", "1: i32 a xsd_attributes {".repeat(100_000));
    assert!(fault(&nested).ends_with("expected at most 64 levels of nesting"));
}
