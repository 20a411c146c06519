//! From a request to the handler that serves it.

use tchannel_rpc::{ErrorCode, Origin, Reply, Request, Responder, StreamedRequest};

use super::net::{ENDPOINT, Net, SERVICE, answers, block_on, echoes};

#[test]
fn table_8_a_routing_delegate_is_no_service_where_nothing_is_relayed() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("moe")).await;
        server.channel.service("larry").unwrap().register(ENDPOINT, answers("larry"));
        let client = net.client(&[&server]);
        let answer = client.call(SERVICE, ENDPOINT).routing_delegate("larry").send().await.unwrap();
        assert_eq!(answer.body(), "moe");
    });
}

#[test]
fn table_8_the_wildcard_takes_services_without_handlers() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("moe")).await;
        let any = server.channel.service("*").unwrap();
        any.register(ENDPOINT, |request: Request| async move {
            Ok(Reply::ok("", format!("any, called {}", request.service())))
        });
        server.channel.service("caller-only").unwrap();
        let client = net.client(&[&server]);
        let ask = |service, endpoint| client.call(service, endpoint).send();
        assert_eq!(ask(SERVICE, ENDPOINT).await.unwrap().body(), "moe");
        for service in ["larry", "caller-only"] {
            let body = format!("any, called {service}");
            assert_eq!(ask(service, ENDPOINT).await.unwrap().body(), body);
        }
        let error = ask("larry", "nothing").await.unwrap_err();
        assert_eq!(error.message(), "no such endpoint service=\"larry\" endpoint=\"nothing\"");
        assert_eq!(
            ask(SERVICE, "nothing").await.unwrap_err().code(),
            ErrorCode::BadRequest,
            "moe has its own"
        );
    });
}

#[test]
fn table_8_an_endpoint_of_a_scheme_takes_no_other() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("any scheme")).await;
        let moe = server.channel.service(SERVICE).unwrap();
        moe.register_as("json", "json", answers("json")).register_as("raw", "raw", answers("raw"));
        moe.register_streamed_as("thrift", "thrift", |_: StreamedRequest, responder: Responder| async move {
            responder.reply(Reply::ok("", "thrift"));
            Ok(())
        });
        let client = net.client(&[&server]);
        let ask = |endpoint: &str, scheme: &'static str| client.call(SERVICE, endpoint).scheme(scheme).send();
        assert_eq!(ask("json", "json").await.unwrap().body(), "json");
        assert_eq!(ask("thrift", "thrift").await.unwrap().body(), "thrift");
        assert_eq!(ask("raw", "http").await.unwrap().body(), "raw", "raw takes any");
        assert_eq!(ask(ENDPOINT, "thrift").await.unwrap().body(), "any scheme");
        for (endpoint, scheme) in [("json", "raw"), ("json", "thrift"), ("thrift", "json")] {
            let error = ask(endpoint, scheme).await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Remote));
            let text = format!("expected arg scheme \"{endpoint}\", got \"{scheme}\"");
            assert_eq!(error.message(), text);
        }
    });
}

#[test]
fn table_8_http_may_be_taken_as_a_whole() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("endpoint")).await;
        server.channel.service(SERVICE).unwrap().register_http(answers("http"));
        let client = net.client(&[&server]);
        for endpoint in [ENDPOINT, "nothing", ""] {
            let answer = client.call(SERVICE, endpoint).scheme("http").send().await.unwrap();
            assert_eq!(answer.body(), "http");
        }
        assert_eq!(client.call(SERVICE, ENDPOINT).send().await.unwrap().body(), "endpoint");
        assert!(client.call(SERVICE, "nothing").send().await.is_err());
    });
}

#[test]
fn table_8_the_built_in_service_cannot_be_taken() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        server.channel.service("tchannel").unwrap().register(ENDPOINT, answers("mine"));
        server.channel.service("tchannel").unwrap().fallback(answers("mine"));
        let client = net.client(&[&server]);
        let error = client.call("tchannel", ENDPOINT).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Remote));
    });
}

#[test]
fn table_8_endpoints_are_told_in_readable_and_short_texts() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = net.client(&[&server]);
        let error = client.call(SERVICE, "é".repeat(5_000)).send().await.unwrap_err();
        let text = format!("no such endpoint service=\"moe\" endpoint=\"{}\"", "é".repeat(100));
        assert_eq!(error.message(), text);
        let error = client.call(SERVICE, b"\xFF\0").send().await.unwrap_err();
        assert!(error.message().contains("endpoint=\"\u{FFFD}"), "{error}");
    });
}

#[test]
fn table_1_a_call_to_an_unknown_service_makes_nothing() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = net.client(&[&server]);
        client.call("nobody", ENDPOINT).send().await.unwrap_err();
        client.call(SERVICE, "nothing").send().await.unwrap_err();
        server.channel.subchannel("nobody").build().unwrap();
    });
}
