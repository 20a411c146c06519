//! Advertising to a mesh, and calling through it.

use std::fs;
use std::path::PathBuf;

use tchannel_rpc::hyperbahn::{AdvertiseError, Routers, RoutersError, read_routers};
use tchannel_rpc::testing::MockMesh;
use tchannel_rpc::{Channel, PeerFileError};

use super::net::{Net, SERVICE, block_on};
use super::thrift::code::guide::NotFoundError;
use super::thrift::code::guide::key_value::{Client, GetValueExceptions};
use super::thrift::keep_values_on;
use tchannel_rpc::thrift::CallError;

async fn mesh(net: &Net) -> MockMesh {
    MockMesh::start([net.builder("router").build().unwrap()]).await.unwrap()
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn g10_routers_come_from_a_json_list_or_a_file_of_one() {
    let one = Routers::from_texts(["1.2.3.4:21300"]).unwrap();
    assert_eq!(Routers::from_json(r#"["1.2.3.4:21300"]"#).unwrap(), one);
    assert_eq!(read_routers(file("g10-good.json", r#"["1.2.3.4:21300"]"#)).unwrap(), one);
    let error = read_routers(file("g10-bad.json", "{}")).unwrap_err();
    assert!(matches!(error, PeerFileError::Parse { error: RoutersError::NotAList(_), .. }), "{error}");
    assert!(error.to_string().contains("g10-bad.json"), "{error}");
    assert_eq!(Routers::from_json("[]"), Err(RoutersError::Empty), "before anything is sent");
}

#[test]
fn g12_the_guides_program_advertises_sets_and_gets() {
    block_on(async {
        let net = Net::new();
        let mesh = mesh(&net).await;
        let server = net.builder(SERVICE).build().unwrap();
        keep_values_on(&server);
        server.advertise(&mesh.routers()).start().await.unwrap();

        let channel = net.builder("keyvalue-consumer").build().unwrap();
        let client = Client::new(channel.hyperbahn(&mesh.routers()).client(SERVICE).unwrap().thrift());
        client.set_value("foo", "Hello, world!").await.unwrap();
        assert_eq!(client.get_value("foo").await.unwrap(), "Hello, world!");
        let missing = client.get_value("bar").await.unwrap_err();
        let thrown = GetValueExceptions::NotFound(NotFoundError { key: "bar".into() });
        assert!(matches!(&missing, CallError::Exception(exception) if *exception == thrown), "{missing}");
    });
}

#[test]
fn c12_a_fresh_channel_listens_before_it_advertises() {
    block_on(async {
        let net = Net::new();
        let mesh = mesh(&net).await;
        let server: Channel = net.builder(SERVICE).build().unwrap();
        assert!(server.listens_at().is_none());
        server.advertise(&mesh.routers()).start().await.unwrap();
        let at = server.listens_at().expect("it listens now");
        assert_eq!(mesh.advertised(SERVICE), [at.try_into().unwrap()]);
    });
}

#[test]
fn e5_an_advertise_error_names_the_last_failure() {
    block_on(async {
        let net = Net::new();
        let server = net.builder(SERVICE).build().unwrap();
        let nobody = Routers::from_texts(["127.0.0.1:9"]).unwrap();
        let advertise = server.advertise(&nobody).timeout(super::net::SHORT);
        let error = advertise.start().await.unwrap_err();
        assert!(matches!(error, AdvertiseError::NoRouter(_)), "{error}");
        assert!(error.last().unwrap().to_string().contains("127.0.0.1:9"), "{error}");
    });
}
