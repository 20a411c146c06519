//! Any text as a Thrift file, and any bytes as arguments and answers of what it defines.

use bytes::Bytes;
use tchannel_idl::Idl;
use tchannel_idl::dynamic::Method;
use tchannel_idl::generate::Generator;

/// A Thrift file up to the first byte 0, then arg3.
pub fn idl(data: &[u8]) {
    let split = data.iter().position(|byte| *byte == 0);
    let (text, arg3) = data.split_at(split.unwrap_or(data.len()));
    let Ok(text) = std::str::from_utf8(text) else { return };
    let idl = match Idl::parse(text) {
        Ok(idl) => idl,
        Err(error) => {
            let lines = text.split(['\n', '\r']).count();
            let line = error.at().map_or(0, |at| usize::try_from(at.line).unwrap_or(usize::MAX));
            assert!((1..=lines).contains(&line), "{error}: there are {lines} lines");
            return;
        }
    };
    assert_eq!(Generator::new().generate(&idl), Generator::new().generate(&idl), "law 6: code differs");
    let arg3 = Bytes::copy_from_slice(arg3.get(1..).unwrap_or_default());
    for method in idl.services().flat_map(|service| service.methods().collect::<Vec<_>>()).take(MAX_METHODS) {
        arguments(&method, &arg3);
        arguments(&method.clone().lenient(), &arg3);
        answer(&method, &arg3);
    }
}

fn arguments(method: &Method, arg3: &Bytes) {
    let Ok(read) = method.decode_args(arg3) else { return };
    let written = method.encode_args(&read).expect("law 7: what was read can be written");
    let again = method.decode_args(&written).expect("law 7: what was written can be read");
    assert_eq!(method.encode_args(&again), Ok(written), "law 7: {}", method.endpoint());
}

fn answer(method: &Method, arg3: &Bytes) {
    let Ok(read) = method.decode_result(arg3) else { return };
    let written = method.encode_result(&read).expect("law 7: what was read can be written");
    let again = method.decode_result(&written).expect("law 7: what was written can be read");
    assert_eq!(method.encode_result(&again), Ok(written), "law 7: {}", method.endpoint());
}

/// Methods that are tried; a file may have a million.
const MAX_METHODS: usize = 20;

/// Inputs to begin with: something of everything that a file can have, and arguments that fit.
pub(super) fn samples() -> Vec<Vec<u8>> {
    let types = "enum E{A=1 B} typedef map<E,list<U>> M union U{1:i8 a 2:string b} struct S{1:required bool a 2:S s 3:M m={'E.A':[]} -4:double d=1e3}";
    let services = "exception X{1:binary b} service P{S p(1:S s=W)} service C extends P{set<M> c(1:optional set<double> d)throws(1:X x) oneway void o()}";
    let whole = format!(
        "/** a */ namespace * b // c\n{types} const S W={{'a':1,'m':{{1:[{{'b':\"\\x41\"}}]}}}} # d\n{services}"
    );
    let arguments: [&[u8]; 4] = [
        b"\x0c\0\x01\x02\0\x01\x01\x0d\0\x03\x08\x0f\0\0\0\x01\0\0\0\x01\x0c\0\0\0\x01\x0b\0\x02\0\0\0\x01a\0\0\0",
        b"\x0e\0\x01\x04\0\0\0\x01\x7f\xf8\0\0\0\0\0\0\0",
        b"\x0c\0\x01\x0b\0\x01\0\0\0\x01\xff\0\0",
        b"\x0e\0\0\x0d\0\0\0\x01\x08\x0f\0\0\0\0\0",
    ];
    let mut samples: Vec<Vec<u8>> =
        arguments.iter().map(|arg3| [whole.as_bytes(), &[0], arg3].concat()).collect();
    let others =
        [types, services, "include 'a'", "struct A{1:i32 a 1:i32 b}", "const i32 a=a", "typedef A A", "/*"];
    samples.extend(others.map(|text| text.as_bytes().to_vec()));
    samples
}
