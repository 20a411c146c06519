//! Services and clients of all implementations, through one mesh.

use tchannel_rpc::{Channel, Response};
use tchannel_tests::peers::{Peer, Scenarios, Server, run_client};

use super::super::check::{assert_failures, done};
use super::mesh::Mesh;
use super::scenarios::{channel, server};

/// Whole calls of every kind: what the routers answer themselves, and streams, are looked at where a whole suite runs.
const CALLS: [&str; 10] = [
    "raw-echo-none",
    "raw-echo-crc32c",
    "raw-echo-crc32c-100000",
    "app-error",
    "sys-busy",
    "sys-unexpected",
    "sha256",
    "json-echo",
    "thrift-set-get",
    "thrift-notfound",
];

/// Each service is called by each client, which enters the mesh at another router each time.
pub(super) fn everyone_calls_everyone(mesh: &impl Mesh) {
    let _ours = server(mesh, "ours");
    let list = mesh.list();
    let start = |peer, name| done(Server::start(peer, &["--service", name, "--advertise", &list]));
    let _node = start(Peer::Node, "node");
    let _python = start(Peer::Python, "python");
    let client = channel("larry");
    for (at, service) in ["ours", "node", "python"].into_iter().enumerate() {
        let routers = mesh.addresses();
        for (from, peer) in [Peer::Node, Peer::Python].into_iter().enumerate() {
            let router = routers[(at + from) % routers.len()];
            let outcomes = done(run_client(peer, router, Scenarios::only(&CALLS).of(service)));
            assert_eq!(outcomes.len(), CALLS.len());
            assert_failures(&outcomes, &[]);
        }
        calls_of_ours(mesh, &client, service);
    }
}

fn calls_of_ours(mesh: &impl Mesh, client: &Channel, service: &str) {
    let client = client.hyperbahn(&mesh.routers()).client(service).expect("a name");
    let send = |scheme: &'static str, endpoint: &str, arg2: &'static [u8], arg3: Vec<u8>| -> Response {
        let call = client.call(endpoint).scheme(scheme).arg2(arg2).arg3(arg3);
        call.send().wait().unwrap_or_else(|error| panic!("{service} {endpoint}: {error}"))
    };
    for size in [0, 1, 70_000, 300_000] {
        let body = vec![7; size];
        let answer = send("raw", "echo", b"head", body.clone());
        assert_eq!((&answer.arg2()[..], &answer.body()[..]), (&b"head"[..], &body[..]), "{service} {size}");
    }
    let failed = send("raw", "app-error", b"", b"why".to_vec());
    assert_eq!((failed.ok(), &failed.body()[..]), (false, &b"why"[..]), "{service}");
    let json = send("json", "json-echo", b"{}", b"{\"who\":\"larry\"}".to_vec());
    let json: serde_json::Value = serde_json::from_slice(&json.body()).expect("it is json");
    assert_eq!(json["who"], "larry", "{service}");
    let set = b"\x0b\0\x01\0\0\0\x01k\x0b\0\x02\0\0\0\x01v\0";
    assert!(send("thrift", "KeyValue::setValue", b"\0\0", set.to_vec()).ok(), "{service}");
    let got = send("thrift", "KeyValue::getValue", b"\0\0", b"\x0b\0\x01\0\0\0\x01k\0".to_vec());
    assert_eq!(&got.body()[..], b"\x0b\0\0\0\0\0\x01v\0", "{service}");
}
