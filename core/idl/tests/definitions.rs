//! What a file defines, names resolved.

use std::collections::BTreeMap;

use tchannel_idl::Idl;
use tchannel_idl::model::{Definitions, Item, Requiredness, StructKind, Type, Value};

fn parse(files: &[(&str, &str)]) -> Idl {
    let texts: BTreeMap<String, String> =
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Idl::parse_files(files[0].0, &texts).unwrap_or_else(|error| panic!("{error}"))
}

fn constant<'a>(known: &'a Definitions, name: &str) -> &'a Value {
    &known.constants.iter().find(|constant| &*constant.name == name).expect(name).value
}

#[test]
fn g1_the_guides_service_parses() {
    let idl = Idl::parse(
        "exception NotFoundError { 1: required string key }
         service KeyValue {
             string getValue(1: string key) throws (1: NotFoundError notFound)
             void setValue(1: string key, 2: string value)
         }",
    )
    .unwrap();
    let known = idl.definitions();
    let [service] = &known.services[..] else { panic!() };
    let [read, write] = &service.methods[..] else { panic!() };
    assert_eq!((&*service.name, &*read.name, &*write.name), ("KeyValue", "getValue", "setValue"));
    assert_eq!((&read.returns, &write.returns), (&Some(Type::String), &None));
    let [thrown] = &read.throws[..] else { panic!() };
    let Type::Struct(exception) = thrown.ty else { panic!() };
    assert_eq!((thrown.id, &*thrown.name, &*known[exception].name), (1, "notFound", "NotFoundError"));
    assert_eq!(known[exception].kind, StructKind::Exception);
    assert_eq!(known[exception].fields[0].requiredness, Requiredness::Required);
}

#[test]
fn names_are_found_across_files_and_in_any_order() {
    let idl = parse(&[
        ("x/main.thrift", "include '../y/shared.thrift' include c './common.v1.thrift'
          include './common.v1.thrift'
          const c.Role DEFAULT = c.Role.USER
          const list<i32> NUMBERS = [1, shared.FOUR, c.TWO, common.v1.TWO]
          struct A { 1: shared.Pair pair, 2: Later later } typedef c.Role Later
          service Leaf extends shared.Base { void own() }"),
        ("y/shared.thrift", "include '../x/main.thrift'
          const i32 FOUR = 4 struct Pair { 1: main.Later role } service Base extends Root { void base() } service Root {}"),
        ("x/common.v1.thrift", "enum Role { USER = 1, ADMIN } const i32 TWO = 2"),
    ]);
    let known = idl.definitions();
    assert_eq!(*constant(known, "NUMBERS"), Value::List([1, 4, 2, 2].map(Value::I32).to_vec()));
    assert!(matches!(constant(known, "DEFAULT"), Value::Enum(_, 1)));
    let Item::Service(leaf) = *known.files[0].items.last().unwrap() else { panic!() };
    let lineage: Vec<&str> = known.lineage(leaf).map(|service| &*known[service].name).collect();
    assert_eq!(lineage, ["Leaf", "Base", "Root"]);
    let names: Vec<&str> = idl.files().map(|(name, _)| name).collect();
    assert_eq!(names, ["x/main.thrift", "y/shared.thrift", "x/common.v1.thrift"]);
    assert_eq!(known.files[2].stem(), "common.v1");
}

#[test]
fn constants_are_worked_out_for_their_types() {
    let idl = Idl::parse(
        "const double ratio = 2 const i64 big = 0xffffffffff const bool yes = 1 const bool no = false
         const byte small = number const i32 number = 7 const binary bytes = 'x'
         enum E { A = -2, B, C = 9 D } const E by_name = E.D const E by_number = -1 const i32 of_enum = E.C
         const set<E> set = [E.A] const map<string, list<double>> map = {'a': [1, 2.5]} const list<i32> none = {}
         struct S { 1: i32 a = 5, 2: optional string b, 3: required bool c } const S s = {'c': yes, 'a': number}
         const S t = {'c': no} union U { 1: i32 a, 2: S b = {'c': 1} } const U u = {'a': 1}",
    )
    .unwrap();
    let known = idl.definitions();
    let value = |name| constant(known, name);
    let Value::Enum(id, 10) = *value("by_name") else { panic!() };
    assert_eq!(*value("ratio"), Value::Double(2.0));
    assert_eq!(*value("big"), Value::I64(0xff_ffff_ffff));
    assert_eq!((value("yes"), value("no")), (&Value::Bool(true), &Value::Bool(false)));
    assert_eq!(*value("small"), Value::I8(7));
    assert_eq!(*value("bytes"), Value::String("x".into()));
    assert_eq!(*value("by_number"), Value::Enum(id, -1));
    assert_eq!(*value("of_enum"), Value::I32(9));
    assert_eq!(*value("set"), Value::List(vec![Value::Enum(id, -2)]));
    let doubles = Value::List(vec![Value::Double(1.0), Value::Double(2.5)]);
    assert_eq!(*value("map"), Value::Map(vec![(Value::String("a".into()), doubles)]));
    assert_eq!(*value("none"), Value::List(Vec::new()));
    let fields = |name| {
        let Value::Struct(_, fields) = value(name) else { panic!("{:?}", value(name)) };
        fields.clone()
    };
    assert_eq!(fields("s"), [Some(Value::I32(7)), None, Some(Value::Bool(true))]);
    assert_eq!(fields("t"), [Some(Value::I32(5)), None, Some(Value::Bool(false))]);
    assert_eq!(fields("u"), [Some(Value::I32(1)), None]);
}

#[test]
fn an_enums_value_may_be_named_with_another_enums_name() {
    let idl = Idl::parse("enum A { X } enum B { Y = 3 } struct S { 1: B b = A.Y }").unwrap();
    assert!(matches!(idl.definitions().structs[0].fields[0].default, Some(Value::Enum(_, 3))));
}

#[test]
fn fields_without_ids_get_negative_ones() {
    let idl = Idl::parse("service A { void b(i64 c, 7: i32 d, i32 e = 5) }").unwrap();
    let arguments = &idl.definitions().services[0].methods[0].arguments;
    assert_eq!(arguments.iter().map(|argument| argument.id).collect::<Vec<_>>(), [-1, 7, -2]);
    assert_eq!(arguments[2].default, Some(Value::I32(5)));
}

#[test]
fn what_a_double_is_part_of_has_no_order() {
    let idl = Idl::parse(
        "struct A { 1: B b } struct B { 1: map<string, D> d, 2: A a } struct C { 1: i32 c, 2: C d }
         typedef list<E> D struct E { 1: double e } struct F { 1: list<C> c }",
    )
    .unwrap();
    let known = idl.definitions();
    let ordered: Vec<bool> = known.structs.iter().map(|one| one.is_ordered).collect();
    assert_eq!(ordered, [false, false, true, false, true]);
    assert!(!known.is_ordered(&known.typedefs[0].ty) && known.is_ordered(&Type::Binary));
}

#[test]
fn types_constants_and_services_may_share_a_name() {
    let idl =
        Idl::parse("struct A {} const i32 A = 1 service A { A a(1: A a = {}) } const i32 B = A").unwrap();
    assert_eq!(*constant(idl.definitions(), "B"), Value::I32(1));
}
