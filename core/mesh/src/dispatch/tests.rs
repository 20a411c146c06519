use alloc::format;
use alloc::string::ToString;

use tchannel_proto::Timestamp;
use tchannel_wire::Route;

use super::*;
use crate::services::ServiceKey;

fn head(service: &str, headers: &[(&str, &str)], endpoint: &'static [u8]) -> RequestHead {
    let route = Route::encode(service, headers.iter().copied()).expect("may be sent");
    RequestHead::new(route, endpoint, Timestamp::MAX)
}

fn raw(service: &str, endpoint: &'static str) -> RequestHead {
    head(service, &[("as", "raw")], endpoint.as_bytes())
}

fn services(names: &[&str]) -> (Services, alloc::vec::Vec<ServiceKey>) {
    let mut services = Services::new();
    let keys = names.iter().map(|name| services.create(name).expect("new")).collect();
    (services, keys)
}

fn register(services: &mut Services, service: ServiceKey, endpoint: &'static str) -> Endpoint {
    let key = services.register(service, endpoint, None, Handling::Whole).expect("registered");
    Endpoint::Registered { key, handling: Handling::Whole }
}

fn refusal(services: &Services, head: &RequestHead) -> String {
    let why = services.dispatch(head, false).expect_err("nobody serves it");
    assert_eq!(why.code(), ErrorCode::BadRequest);
    why.to_string()
}

#[test]
fn routing_name_is_rd_if_relaying_else_the_service() {
    let (mut services, keys) = services(&["moe", "larry"]);
    let moe = register(&mut services, keys[0], "echo");
    let larry = register(&mut services, keys[1], "echo");
    let delegated = head("moe", &[("rd", "larry")], b"echo");
    assert_eq!(services.dispatch(&delegated, true), Ok(larry));
    assert_eq!(services.dispatch(&delegated, false), Ok(moe));
    assert_eq!(services.dispatch(&head("moe", &[("rd", "")], b"echo"), true), Ok(moe));
    let unknown = services.dispatch(&head("moe", &[("rd", "shemp")], b"echo"), true);
    assert_eq!(unknown, Err(NotServed::UnknownService { service: "shemp".to_string() }));
}

#[test]
fn service_registered() {
    let (mut services, keys) = services(&["moe"]);
    let echo = register(&mut services, keys[0], "echo");
    assert_eq!(services.dispatch(&raw("moe", "echo"), false), Ok(echo));
}

#[test]
fn service_wildcard() {
    let (mut services, keys) = services(&["moe", WILDCARD, "larry"]);
    let own = register(&mut services, keys[0], "echo");
    let wild = register(&mut services, keys[1], "echo");
    assert_eq!(services.dispatch(&raw("shemp", "echo"), false), Ok(wild));
    assert_eq!(services.dispatch(&raw("moe", "echo"), false), Ok(own));
    assert_eq!(
        services.dispatch(&raw("larry", "echo"), false),
        Ok(wild),
        "larry has no endpoints of its own"
    );
    let text = "no such endpoint service=\"shemp\" endpoint=\"x\"";
    assert_eq!(refusal(&services, &raw("shemp", "x")), text);
}

#[test]
fn s9_service_unknown() {
    let (mut services, keys) = services(&["moe", WILDCARD]);
    register(&mut services, keys[0], "echo");
    services.set_fallback(None, Handling::Whole).expect("registered");
    assert_eq!(refusal(&services, &raw("shemp", "echo")), "unknown service shemp");
}

#[test]
fn endpoint_exactly_byte_for_byte() {
    let (mut services, keys) = services(&["moe"]);
    let echo = register(&mut services, keys[0], "echo");
    let empty = register(&mut services, keys[0], "");
    assert_eq!(services.dispatch(&raw("moe", "echo"), false), Ok(echo));
    assert_eq!(services.dispatch(&raw("moe", ""), false), Ok(empty));
    for near in ["Echo", "echo ", "ech", "echo\0"] {
        assert!(services.dispatch(&raw("moe", near), false).is_err(), "{near}");
    }
}

#[test]
fn endpoint_else_fallback_of_the_service_else_of_the_channel() {
    let (mut services, keys) = services(&["moe", "larry"]);
    let echo = register(&mut services, keys[0], "echo");
    register(&mut services, keys[1], "echo");
    let at = |services: &Services, service| services.dispatch(&raw(service, "x"), false);
    let registered = |key| Ok(Endpoint::Registered { key, handling: Handling::Streamed });
    let all = services.set_fallback(None, Handling::Streamed).expect("registered");
    assert_eq!(at(&services, "moe"), registered(all));
    let own = services.set_fallback(keys[0], Handling::Streamed).expect("registered");
    assert_eq!((at(&services, "moe"), at(&services, "larry")), (registered(own), registered(all)));
    assert_eq!(services.dispatch(&raw("moe", "echo"), false), Ok(echo));
}

#[test]
fn endpoint_unknown() {
    let (services, _) = services(&["moe"]);
    let said = |endpoint| refusal(&services, &head("moe", &[], endpoint));
    assert_eq!(said(b"ech\xFF\"o"), "no such endpoint service=\"moe\" endpoint=\"ech\u{FFFD}\"o\"");
    assert_eq!(said(&[b'x'; 16_384]).len(), "no such endpoint service=\"moe\" endpoint=\"\"".len() + 100);
}

#[test]
fn scheme_of_the_endpoint_is_required() {
    let (mut services, keys) = services(&["moe"]);
    services.register(keys[0], "echo", Some("json"), Handling::Whole).expect("registered");
    let got = |headers: &[(&str, &str)]| services.dispatch(&head("moe", headers, b"echo"), false);
    assert!(got(&[("as", "json")]).is_ok());
    for (headers, scheme) in [(&[("as", "thrift")][..], "thrift"), (&[], "raw"), (&[("as", "x")], "x")] {
        let why = got(headers).expect_err("another scheme");
        assert_eq!(why.to_string(), format!("expected arg scheme \"json\", got \"{scheme}\""));
        assert_eq!(why.code(), ErrorCode::BadRequest);
    }
}

#[test]
fn scheme_any_for_raw_endpoints_and_fallbacks() {
    let (mut services, keys) = services(&["moe"]);
    services.register(keys[0], "raw", Some("raw"), Handling::Whole).expect("registered");
    services.set_fallback(keys[0], Handling::Whole).expect("registered");
    for scheme in ["raw", "json", "http", "made-up"] {
        for endpoint in [&b"raw"[..], b"x"] {
            assert!(services.dispatch(&head("moe", &[("as", scheme)], endpoint), false).is_ok());
        }
    }
}

#[test]
fn http_as_a_whole_does_not_look_at_arg1() {
    let (mut services, keys) = services(&["moe"]);
    let echo = register(&mut services, keys[0], "echo");
    let key = services.register_http(keys[0], Handling::Streamed).expect("registered");
    let http = Ok(Endpoint::Registered { key, handling: Handling::Streamed });
    for endpoint in [&b"echo"[..], b"", b"/x"] {
        assert_eq!(services.dispatch(&head("moe", &[("as", "http")], endpoint), false), http);
    }
    assert_eq!(services.dispatch(&raw("moe", "echo"), false), Ok(echo));
    assert!(services.dispatch(&raw("moe", "/x"), false).is_err());
}

#[test]
fn built_in_service_always_answers() {
    let (mut services, keys) = services(&[BUILT_IN]);
    assert_eq!(Services::new().dispatch(&raw(BUILT_IN, "Meta::health"), false), Ok(Endpoint::BuiltIn));
    register(&mut services, keys[0], "Meta::health");
    assert_eq!(services.dispatch(&raw(BUILT_IN, "Meta::health"), false), Ok(Endpoint::BuiltIn));
}

#[test]
fn meta_methods_of_a_thrift_service_are_built_in_unless_it_has_its_own() {
    let (mut services, keys) = services(&["moe", "larry"]);
    services.meta = true;
    let health = |service| head(service, &[("as", "thrift")], b"Meta::health");
    services.register(keys[0], "Moe::ask", Some("thrift"), Handling::Whole).expect("registered");
    let larry = register(&mut services, keys[1], "echo");
    services.set_fallback(keys[0], Handling::Whole).expect("registered");
    assert_eq!(services.dispatch(&health("moe"), false), Ok(Endpoint::BuiltIn));
    assert_eq!(
        refusal(&services, &health("larry")),
        "no such endpoint service=\"larry\" endpoint=\"Meta::health\""
    );
    assert_eq!(services.dispatch(&raw("larry", "echo"), false), Ok(larry));
    for other in [raw("moe", "Meta::health"), head("moe", &[("as", "thrift")], b"Meta::other")] {
        assert!(matches!(services.dispatch(&other, false), Ok(Endpoint::Registered { .. })));
    }
    let own =
        services.register(keys[0], "Meta::health", Some("thrift"), Handling::Whole).expect("registered");
    assert_eq!(
        services.dispatch(&health("moe"), false),
        Ok(Endpoint::Registered { key: own, handling: Handling::Whole })
    );
    services.meta = false;
    let version = head("moe", &[("as", "thrift")], b"Meta::versionInfo");
    assert!(matches!(services.dispatch(&version, false), Ok(Endpoint::Registered { .. })));
}

#[test]
fn s5_handling_is_that_of_the_registration() {
    let (mut services, keys) = services(&["moe"]);
    let key = services.register(keys[0], "up", None, Handling::Streamed).expect("registered");
    let streamed = Endpoint::Registered { key, handling: Handling::Streamed };
    assert_eq!(services.dispatch(&raw("moe", "up"), false), Ok(streamed));
}

#[test]
fn unknown_names_leave_nothing_behind() {
    let (services, _) = services(&["moe"]);
    for n in 0..1_000 {
        assert!(services.dispatch(&raw(&n.to_string(), "x"), false).is_err());
    }
    assert_eq!(services.iter().count(), 1);
}
