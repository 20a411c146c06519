//! The Meta service: of every Thrift server, and of every channel under the name `tchannel`.

use std::convert::Infallible;
use std::fs;
use std::future::pending;
use std::path::Path;
use std::sync::Arc;

use tchannel_rpc::idl::Idl;
use tchannel_rpc::thrift::meta::{
    Health, HealthArgs, HealthRequest, HealthRequestType, HealthState, HealthStatus, META_SERVICE, NoArgs,
    ThriftIdl, Version,
};
use tchannel_rpc::thrift::{Call, CallError, Caller, Method};
use tchannel_rpc::{Channel, ErrorCode, Request};
use tokio::sync::Notify;

use super::net::{LONG, Net, SERVICE, Server, answers, block_on};
use super::thrift::keep_values;

fn ask<M: Method>(client: &Channel, service: &str, request: M::Request) -> Call<M> {
    client.thrift(service).retry_limit(0).call::<M>(request)
}

fn about(kind: HealthRequestType) -> HealthArgs {
    HealthArgs { request: Some(HealthRequest { kind: Some(kind) }) }
}

async fn thrift_server(net: &Net) -> Server {
    let server = net.server(answers("raw")).await;
    keep_values(&server);
    server
}

fn refused<T: std::fmt::Debug>(answer: Result<T, CallError<Infallible>>) -> String {
    let error = answer.unwrap_err();
    let error = error.failed().expect("a failure of the call");
    assert_eq!(error.code(), ErrorCode::BadRequest);
    error.message().to_owned()
}

#[test]
fn every_channel_tells_how_it_stands_and_what_it_is() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("raw")).await;
        let client = net.client(&[&server]);
        for asked in [HealthArgs::default(), about(HealthRequestType::Process)] {
            let healthy = HealthStatus { ok: true, message: None, state: Some(HealthState::Accepting) };
            assert_eq!(ask::<Health>(&client, META_SERVICE, asked).await.unwrap(), healthy);
        }
        let version = ask::<Version>(&client, META_SERVICE, NoArgs).await.unwrap();
        assert_eq!((&*version.language, &*version.version), ("rust", env!("CARGO_PKG_VERSION")));
        assert!(!version.language_version.is_empty());

        let other = client.call(META_SERVICE, "Meta::other").scheme("thrift").send().await.unwrap_err();
        let expected = "no such endpoint service=\"tchannel\" endpoint=\"Meta::other\"";
        assert_eq!((other.code(), other.message()), (ErrorCode::BadRequest, expected));
        let raw = client.call(META_SERVICE, "Meta::health").send().await.unwrap_err();
        assert_eq!(raw.message(), "expected arg scheme \"thrift\", got \"raw\"");
        // A server without Thrift methods is none of Thrift.
        let of_a_service = ask::<Health>(&client, SERVICE, HealthArgs::default()).await;
        assert_eq!(refused(of_a_service), "no such endpoint service=\"moe\" endpoint=\"Meta::health\"");
    });
}

#[test]
fn a_thrift_server_answers_under_its_own_name_unless_it_has_methods_of_its_own() {
    block_on(async {
        let net = Net::new();
        let server = thrift_server(&net).await;
        let client = net.client(&[&server]);
        assert!(ask::<Health>(&client, SERVICE, HealthArgs::default()).await.unwrap().ok);
        let unwell = || HealthStatus::answer(HealthRequestType::Traffic, HealthState::Refusing, None);
        let service = server.channel.service(SERVICE).unwrap();
        service.register_thrift::<Health, _, _>(move |_, _| async move { Ok(unwell()) }).unwrap();
        assert_eq!(ask::<Health>(&client, SERVICE, HealthArgs::default()).await.unwrap(), unwell());
        assert!(ask::<Health>(&client, META_SERVICE, HealthArgs::default()).await.unwrap().ok);
    });
}

#[test]
fn a_draining_server_says_that_it_is_stopping() {
    block_on(async {
        let net = Net::new();
        let server = thrift_server(&net).await;
        let arrived = Arc::<Notify>::default();
        let told = arrived.clone();
        server.channel.service(SERVICE).unwrap().register("never", move |_: Request| {
            told.notify_one();
            pending()
        });
        let client = net.client(&[&server]);
        let held = client.call(SERVICE, "never").timeout(LONG).send();
        arrived.notified().await;
        // A client that hears of the drain does not ask any more.
        net.line.mute(ErrorCode::Declined);
        let drained = server.channel.drain(LONG);
        let traffic = ask::<Health>(&client, META_SERVICE, HealthArgs::default()).host(server.at);
        let stopping =
            HealthStatus { ok: false, message: Some("stopping".into()), state: Some(HealthState::Stopping) };
        assert_eq!(traffic.await.unwrap(), stopping);
        drop(held);
        assert_eq!(drained.await.cut, 0);
    });
}

#[test]
fn the_thrift_files_of_a_service_are_told() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("raw")).await;
        let client = net.client(&[&server]);
        assert_eq!(refused(ask::<ThriftIdl>(&client, META_SERVICE, NoArgs).await), "no IDL");
        let service = server.channel.service(SERVICE).unwrap();
        service.thrift_idl("a.thrift", [("a.thrift", "include \"b.thrift\""), ("b.thrift", "")]);
        keep_values(&server);
        for name in [SERVICE, META_SERVICE] {
            let told = ask::<ThriftIdl>(&client, name, NoArgs).await.unwrap();
            assert_eq!(told.entry_point, "a.thrift");
            assert_eq!(told.idls.keys().collect::<Vec<_>>(), ["a.thrift", "b.thrift"]);
        }
        service.hide_thrift_idl();
        for name in [SERVICE, META_SERVICE] {
            assert_eq!(refused(ask::<ThriftIdl>(&client, name, NoArgs).await), "no IDL");
        }
    });
}

#[test]
fn generated_handlers_bring_their_files() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("raw")).await;
        let client = net.client(&[&server]);
        keep_values(&server);
        keep_values(&server);
        let golden = |name: &str| {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/idl/tests/golden").join(name);
            fs::read_to_string(file).unwrap()
        };
        for name in [SERVICE, META_SERVICE] {
            let told = ask::<ThriftIdl>(&client, name, NoArgs).await.unwrap();
            assert_eq!(told.entry_point, "guide.thrift");
            let files = ["guide.thrift", "shared.thrift"].map(|name| (name.to_owned(), golden(name)));
            assert_eq!(told.idls, files.into());
            let idl = Idl::parse_files(&told.entry_point, &told.idls).unwrap();
            assert!(idl.method("KeyValue::getValue").is_ok());
        }
        server.channel.service(SERVICE).unwrap().hide_thrift_idl();
        keep_values(&server);
        assert_eq!(refused(ask::<ThriftIdl>(&client, SERVICE, NoArgs).await), "no IDL");
    });
}
