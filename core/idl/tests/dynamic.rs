//! Calls and answers with JSON-shaped values.

use bytes::Bytes;
use data_encoding::HEXLOWER;
use serde_json::{Value as Json, json};
use tchannel_idl::Idl;
use tchannel_idl::dynamic::{Method, RequestError, Thrown};
use tchannel_schemes::thrift::{Error, MAX_DEPTH, Problem};

const KEY_VALUE: &str = "
    exception NotFoundError { 1: required string key }
    service BaseService { bool healthy() }
    service KeyValue extends BaseService {
        string getValue(1: string key) throws (1: NotFoundError notFound)
        void setValue(1: string key, 2: string value)
        oneway void forget(1: string key)
    }";

fn method(idl: &str, endpoint: &str) -> Method {
    Idl::parse(idl).expect("it is sound").method(endpoint).expect("it is declared")
}

/// A method `m` of a void service whose only argument `a` has this type.
fn taking(ty: &str) -> Method {
    let idl = format!(
        "enum Role {{ USER = 1, ADMIN = 5, ROOT = 1 }}
         struct Pair {{ 1: required string key, 2: optional i32 count, 3: bool ok = true, 4: i8 rest }}
         struct Point {{ 1: double x }} struct Tree {{ 1: list<Tree> children }}
         union Either {{ 1: i32 left, 2: string right }} typedef map<Role, list<Pair>> Roles
         service S {{ void m(1: {ty} a) }}"
    );
    method(&idl, "m")
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

fn bytes(hex: &str) -> Bytes {
    HEXLOWER.decode(hex.replace(' ', "").as_bytes()).expect("it is hexadecimal").into()
}

/// What an argument of a type is read back as.
fn there_and_back(ty: &str, value: &Json) -> Json {
    let method = taking(ty);
    let arg3 =
        method.encode_args(&json!({ "a": value })).unwrap_or_else(|error| panic!("{ty} {value}: {error}"));
    method.decode_args(&arg3).expect("it was just written")["a"].clone()
}

fn refusal(ty: &str, value: &Json) -> String {
    taking(ty).encode_args(&json!({ "a": value })).expect_err(ty).to_string()
}

#[test]
fn the_golden_bytes_of_the_guides_service() {
    let (read, write) = (method(KEY_VALUE, "KeyValue::getValue"), method(KEY_VALUE, "KeyValue::setValue"));
    let request = read.request(&json!({ "key": "foo" })).unwrap();
    assert_eq!((&*request.endpoint, &*hex(&request.arg3)), ("KeyValue::getValue", "0b000100000003666f6f00"));
    let arguments = json!({ "value": "v", "key": "k" });
    let arg3 = write.encode_args(&arguments).unwrap();
    assert_eq!(hex(&arg3), "0b0001000000016b0b0002000000017600");
    assert_eq!(write.decode_args(&arg3).unwrap(), arguments);
    assert_eq!(hex(&read.encode_result(&Ok("bar".into())).unwrap()), "0b00000000000362617200");
    assert_eq!(hex(&write.encode_result(&Ok(Json::Null)).unwrap()), "00");
    let thrown = Thrown { name: "notFound".into(), ty: "NotFoundError".into(), value: json!({ "key": "x" }) };
    let arg3 = read.encode_result(&Err(thrown.clone())).unwrap();
    assert_eq!(hex(&arg3), "0c00010b000100000001780000");
    assert_eq!(read.decode_result(&arg3), Ok(Err(thrown)));
    assert_eq!(read.decode_result(&bytes("0b0000 00000003 626172 00")), Ok(Ok("bar".into())));
    assert_eq!(write.decode_result(&bytes("00")), Ok(Ok(Json::Null)));
}

#[test]
fn t3_a_request_is_built_without_io_and_can_be_sent_twice() {
    let request = method(KEY_VALUE, "KeyValue::getValue").request(&json!({ "key": "k" })).unwrap();
    assert_eq!(request.clone(), request);
}

#[test]
fn inherited_methods_have_the_leafs_name() {
    let service = Idl::parse(KEY_VALUE).unwrap().service("KeyValue").unwrap();
    let endpoints: Vec<String> = service.methods().map(|method| method.endpoint().to_string()).collect();
    assert_eq!(
        endpoints,
        ["KeyValue::getValue", "KeyValue::setValue", "KeyValue::forget", "KeyValue::healthy"]
    );
    assert_eq!(&**service.method("healthy").unwrap().endpoint(), "KeyValue::healthy");
}

#[test]
fn e12_oneway_methods_are_refused() {
    let method = method(KEY_VALUE, "KeyValue::forget");
    let endpoint = "KeyValue::forget".to_owned();
    assert_eq!(method.callable(), Err(Error::OneWayNotSupported { endpoint }));
    let refused = method.request(&json!({ "key": "k" })).unwrap_err();
    assert!(matches!(refused, RequestError::NotCallable(Error::OneWayNotSupported { .. })), "{refused}");
}

#[test]
fn t2_unknown_names_are_errors_that_list_the_known_ones() {
    let idl = Idl::parse(KEY_VALUE).unwrap();
    let refusals = [
        (
            "KeyValue::get",
            "there is no method of KeyValue `get`; there are `getValue`, `setValue`, `forget`, `healthy`",
        ),
        ("Other::get", "there is no service `Other`; there are `BaseService`, `KeyValue`"),
    ];
    for (endpoint, expected) in refusals {
        assert_eq!(idl.method(endpoint).unwrap_err().to_string(), expected);
    }
    let refused = idl.method("getValue").unwrap_err();
    assert_eq!(refused.what, "method");
    assert!(refused.known.contains(&"KeyValue::getValue".into()), "{refused}");
    let refused = Idl::parse("").unwrap().service("A").unwrap_err();
    assert_eq!(refused.to_string(), "there is no service `A`; there is none at all");
}

#[test]
fn every_type_is_there_and_back() {
    let same = [
        ("bool", json!(false)),
        ("i8", json!(-128)),
        ("i16", json!(32767)),
        ("i32", json!(0)),
        ("i64", json!(i64::MIN)),
        ("double", json!(0.1)),
        ("double", json!("-Infinity")),
        ("double", json!("NaN")),
        ("string", json!("")),
        ("binary", json!("text \u{91cd}")),
        ("binary", json!({ "base64": "/wA=" })),
        ("Role", json!("ADMIN")),
        ("Role", json!(77)),
        ("list<i64>", json!([3, 1, 2])),
        ("set<string>", json!(["a", "b"])),
        ("map<string, i32>", json!({ "a": 1, "": 2 })),
        ("map<i64, bool>", json!({ "-1": true })),
        ("map<bool, string>", json!({ "true": "x" })),
        ("map<binary, i8>", json!({ "k": 1 })),
        ("map<binary, i8>", json!([["k", 2], [{ "base64": "/w==" }, 1]])),
        ("map<double, i8>", json!([[0.5, 1]])),
        ("map<list<i8>, i8>", json!([[[], 2], [[1, 2], 1]])),
        ("Roles", json!({ "USER": [], "99": [{ "key": "k", "count": 1, "ok": false, "rest": 0 }] })),
        ("Either", json!({ "right": "x" })),
        ("Tree", json!({ "children": [{ "children": [] }, {}] })),
    ];
    for (ty, value) in same {
        assert_eq!(there_and_back(ty, &value), value, "{ty}");
    }
}

#[test]
fn other_forms_are_taken_too() {
    assert_eq!(there_and_back("binary", &json!([255, 0])), json!({ "base64": "/wA=" }));
    assert_eq!(there_and_back("binary", &json!({ "base64": "YQ==" })), json!("a"));
    assert_eq!(there_and_back("Role", &json!("ROOT")), json!("USER"));
    assert_eq!(there_and_back("Role", &json!(5)), json!("ADMIN"));
    assert_eq!(there_and_back("double", &json!(3)), json!(3.0));
    assert_eq!(there_and_back("map<string, i32>", &json!([["a", 1]])), json!({ "a": 1 }));
    assert_eq!(there_and_back("map<double, i8>", &json!({ "1.5": 1 })), json!([[1.5, 1]]));
}

#[test]
fn false_zero_and_empty_are_values() {
    for (ty, value) in
        [("bool", json!(false)), ("i32", json!(0)), ("string", json!("")), ("list<i8>", json!([]))]
    {
        let method = method(&format!("service S {{ {ty} m() }}"), "m");
        let arg3 = method.encode_result(&Ok(value.clone())).unwrap();
        assert_eq!(method.decode_result(&arg3), Ok(Ok(value)));
    }
}

#[test]
fn defaults_are_written_and_read() {
    let method = taking("Pair");
    let arg3 = method.encode_args(&json!({ "a": { "key": "", "count": null } })).unwrap();
    assert_eq!(hex(&arg3), "0c00010b00010000000002000301".to_owned() + "0000");
    let absent = bytes("0c0001 0b0001 00000000 00 00");
    assert_eq!(method.decode_args(&absent).unwrap(), json!({ "a": { "key": "", "ok": true } }));
}

#[test]
fn arguments_have_to_be_there_unless_they_need_not() {
    let method =
        method("service S { void m(1: i32 a, 2: optional i32 b, 3: i32 c = 7, 4: required i32 d) }", "m");
    let whole = json!({ "a": 1, "c": 7, "d": 2 });
    let arg3 = method.encode_args(&json!({ "a": 1, "d": 2 })).unwrap();
    assert_eq!(method.decode_args(&arg3).unwrap(), whole);
    let refusals = [
        (json!({ "d": 1 }), "a is missing"),
        (json!({ "a": null, "d": 1 }), "a is missing"),
        (json!({ "a": 1 }), "d is missing"),
        (json!(null), "a is missing"),
        (json!({ "a": 1, "d": 1, "e": 1 }), "e is unknown; there are `a`, `b`, `c`, `d`"),
        (json!([1]), "the value is an array, expected an object with the arguments by their names"),
    ];
    for (arguments, expected) in refusals {
        assert_eq!(method.encode_args(&arguments).unwrap_err().to_string(), expected);
        assert_eq!(method.request(&arguments).unwrap_err().to_string(), format!("S::m: {expected}"));
    }
    assert_eq!(method.decode_args(&bytes("00")).unwrap_err().to_string(), "a at byte 1: is missing");
    let lenient = method.lenient();
    assert_eq!(lenient.decode_args(&bytes("00")).unwrap(), json!({ "c": 7 }));
    assert_eq!(hex(&lenient.encode_args(&json!({ "e": 1 })).unwrap()), "0800030000000700");
}

#[test]
fn what_is_wrong_with_a_value_is_said() {
    let refusals = [
        ("bool", json!(1), "a is 1, expected true or false"),
        ("i8", json!(128), "a is 128, expected a whole number from -128 to 127"),
        ("i16", json!(1.0), "a is 1.0, expected a whole number from -32768 to 32767"),
        ("i32", json!("5"), "a is \"5\", expected a whole number from -2^31 to 2^31 - 1"),
        ("i64", json!(u64::MAX), "a is 18446744073709551615, expected a whole number from -2^63 to 2^63 - 1"),
        ("double", json!("1"), "a is \"1\", expected a number"),
        ("string", json!(1), "a is 1, expected a string"),
        (
            "binary",
            json!([256]),
            "a is an array, expected a string, an array of bytes, or {\"base64\": \"..\"}",
        ),
        (
            "binary",
            json!({ "base64": "?" }),
            "a is an object, expected a string, an array of bytes, or {\"base64\": \"..\"}",
        ),
        ("Role", json!("NO"), "a is \"NO\", expected one of USER, ADMIN, ROOT, or a number"),
        ("list<i8>", json!({}), "a is an object, expected an array"),
        ("list<i8>", json!([1, 1000]), "a[1] is 1000, expected a whole number from -128 to 127"),
        (
            "map<i32, i8>",
            json!({ "x": 1 }),
            "a[key 0] is \"x\", expected a whole number from -2^31 to 2^31 - 1",
        ),
        (
            "map<i32, i8>",
            json!({ "1": true }),
            "a[value 0] is true, expected a whole number from -128 to 127",
        ),
        ("map<i32, i8>", json!([[1]]), "a[0] is an array, expected a pair [key, value]"),
        ("map<i32, i8>", json!(1), "a is 1, expected an object, or an array of pairs [key, value]"),
        ("Pair", json!([]), "a is an array, expected an object with fields of Pair"),
        ("Pair", json!({}), "a.key is missing"),
        ("Pair", json!({ "kee": "" }), "a.kee is unknown; there are `key`, `count`, `ok`, `rest`"),
        ("Either", json!({}), "a has 0 fields, a union has exactly one"),
        ("Either", json!({ "left": 1, "right": "" }), "a has 2 fields, a union has exactly one"),
        ("list<string>", json!([[0]]), "a[0] is an array, expected a string"),
        ("list<string>", json!([true]), "a[0] is true, expected a string"),
    ];
    for (ty, value, expected) in refusals {
        assert_eq!(refusal(ty, &value), expected, "{ty} {value}");
    }
    let long = refusal("i32", &json!("\u{91cd}".repeat(100)));
    assert!(long.chars().count() < 150, "{long}");
}

#[test]
fn sets_and_maps_are_written_in_order_and_once_each() {
    let written = |ty, value| taking(ty).encode_args(&json!({ "a": value })).unwrap();
    assert_eq!(written("set<i32>", json!([3, 1, 2, 1])), written("set<i32>", json!([1, 2, 3])));
    assert_eq!(
        written("set<Role>", json!([9, "ADMIN", "USER", -9])),
        written("set<Role>", json!([-9, 9, 1, 5]))
    );
    let pairs = json!([["b", 1], ["a", 2], ["b", 3]]);
    assert_eq!(written("map<string, i32>", pairs), written("map<string, i32>", json!({ "a": 2, "b": 3 })));
    assert_eq!(
        there_and_back("map<string, i32>", &json!({ "b": 1, "a": 2 })).to_string(),
        "{\"a\":2,\"b\":1}"
    );
    let (left, right) = (json!({ "left": 9 }), json!({ "right": "" }));
    assert_eq!(written("set<Either>", json!([right, left])), written("set<Either>", json!([left, right])));
    let (short, long) = (json!([[1], [1, 2], [2]]), json!([[2], [1, 2], [1]]));
    assert_eq!(written("set<list<i8>>", short), written("set<list<i8>>", long));
    assert_ne!(written("set<double>", json!([1, 2])), written("set<double>", json!([2, 1])));
    assert_eq!(
        there_and_back("set<Point>", &json!([{ "x": 1.0 }, { "x": 1.0 }])).as_array().unwrap().len(),
        2
    );
}

#[test]
fn unreadable_arguments_are_errors_with_their_place() {
    let refusals = [
        ("Pair", "0c0001 080001 00000001 00 00", "a.key at byte 6: has the type i32, expected string"),
        ("Pair", "0c0001 00 00", "a.key at byte 4: is missing"),
        ("list<i32>", "0f0001 0b 00000001 00000000 00", "a at byte 8: has the type string, expected i32"),
        (
            "map<i32, i8>",
            "0d0001 08 0b 00000001 00000000 00000000 00",
            "a at byte 9: has the type string, expected i8",
        ),
        ("string", "0b0001 00000001 ff 00", "a at byte 3: is not UTF-8"),
        ("string", "0b0001 00000001 61 00 00", "at byte 9: 1 bytes are left over after the struct"),
        ("Either", "0c0001 00 00", "a at byte 3: has 0 known fields, a union has exactly one"),
        (
            "Either",
            "0c0001 080001 00000000 0b0002 00000000 00 00",
            "a at byte 3: has 2 known fields, a union has exactly one",
        ),
        ("i64", "0a0001 0000", "a at byte 3: needs 8 bytes, 2 left"),
    ];
    for (ty, hex, expected) in refusals {
        assert_eq!(taking(ty).decode_args(&bytes(hex)).unwrap_err().to_string(), expected, "{ty}");
    }
}

#[test]
fn fields_that_the_idl_does_not_have_are_skipped() {
    let arg3 = bytes("0c0001 0c0007 08000100000001 00 0b0001 00000001 6b 0b0001 00000001 6c 00 00");
    assert_eq!(taking("Pair").decode_args(&arg3).unwrap(), json!({ "a": { "key": "l", "ok": true } }));
    let empty_list_of_anything = bytes("0f0001 0c 00000000 00");
    assert_eq!(taking("list<i32>").decode_args(&empty_list_of_anything).unwrap(), json!({ "a": [] }));
}

#[test]
fn answers_are_read_by_the_struct_alone() {
    let read = method(KEY_VALUE, "KeyValue::getValue");
    let endpoint = || "KeyValue::getValue".to_owned();
    assert_eq!(read.decode_result(&bytes("00")), Err(Error::ValueExpected { endpoint: endpoint() }));
    let unknown = Error::UnknownException { endpoint: endpoint(), id: 9, bytes: bytes("00") };
    assert_eq!(read.decode_result(&bytes("0c0009 00 00")), Err(unknown));
    let wrong = read.decode_result(&bytes("080000 00000001 00")).unwrap_err();
    assert!(wrong.to_string().contains("success at byte 3: has the type i32, expected string"), "{wrong}");
    let write = method(KEY_VALUE, "KeyValue::setValue");
    assert_eq!(write.decode_result(&bytes("080000 00000001 00")), Ok(Ok(Json::Null)));
}

#[test]
fn answers_that_break_the_declaration_are_not_written() {
    let (read, write) = (method(KEY_VALUE, "KeyValue::getValue"), method(KEY_VALUE, "KeyValue::setValue"));
    let refused = |method: &Method, result: Result<Json, Thrown>| {
        method.encode_result(&result).unwrap_err().to_string()
    };
    assert_eq!(refused(&read, Ok(Json::Null)), "success is missing");
    assert_eq!(refused(&read, Ok(json!(5))), "success is 5, expected a string");
    assert_eq!(refused(&write, Ok(json!(5))), "the value is 5, expected null: the method is void");
    let thrown =
        |name: &str, ty: &str| Thrown { name: name.into(), ty: ty.into(), value: json!({ "key": "k" }) };
    assert_eq!(
        refused(&read, Err(thrown("no", ""))),
        "the value is the exception `no`, KeyValue::getValue declares `notFound`"
    );
    assert_eq!(
        read.encode_result(&Err(thrown("", "NotFoundError"))),
        read.encode_result(&Err(thrown("notFound", "")))
    );
    let empty = Thrown { value: json!({}), ..thrown("notFound", "") };
    assert_eq!(refused(&read, Err(empty)), "notFound.key is missing");
}

#[test]
fn a_byte_that_stands_for_much_more_is_counted() {
    let len = 16 << 20;
    let head = bytes(&format!("0f0001 02 {len:08x}"));
    let many = Bytes::from([&head[..], &vec![1; len], &[0]].concat());
    let refused = taking("list<bool>").decode_args(&many).unwrap_err();
    assert!(matches!(refused.problem(), Problem::TooLarge { .. }), "{refused}");
    let method = method("struct D { 1: list<string> d = ['a', 'b', 'c'] } service S { list<D> m() }", "m");
    let head = bytes(&format!("0f0000 0c {len:08x}"));
    let empty = Bytes::from([&head[..], &vec![0; len], &[0]].concat());
    let refused = method.decode_result(&empty).unwrap_err();
    assert!(refused.to_string().contains("bytes of memory"), "{refused}");
}

#[test]
fn depth_is_bounded_both_ways() {
    let nested = |levels| (0..levels).fold(json!({}), |inner, _| json!({ "children": [inner] }));
    let method = taking("Tree");
    let shallow = method.encode_args(&json!({ "a": nested(20) })).unwrap();
    assert_eq!(method.decode_args(&shallow).unwrap()["a"], nested(20));
    let refused = method.encode_args(&json!({ "a": nested(500) })).unwrap_err();
    assert!(refused.to_string().ends_with(&format!("is nested deeper than {MAX_DEPTH} levels")), "{refused}");
    let deep: Bytes = bytes(&("0c0001".to_owned() + &"0f0001 0c 00000001".repeat(100_000)));
    assert!(method.decode_args(&deep).unwrap_err().to_string().contains("nested deeper"));
}
