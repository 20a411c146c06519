use alloc::string::ToString;
use alloc::vec::Vec;

use super::*;

fn services() -> (Services, ServiceKey) {
    let mut services = Services::new();
    let moe = services.create("moe").expect("new");
    (services, moe)
}

#[test]
fn s1_creating_twice_is_a_duplicate_and_changes_nothing() {
    let (mut services, moe) = services();
    let again = services.create("moe");
    assert_eq!(again, Err(ServiceError::DuplicateSubChannel { name: "moe".to_string() }));
    assert_eq!((services.find("moe"), services.iter().count()), (Some(moe), 1));
}

#[test]
fn get_or_create_keeps_the_first() {
    let (mut services, moe) = services();
    assert_eq!(services.get_or_create("moe"), Ok((moe, false)));
    let (larry, new) = services.get_or_create("larry").expect("a good name");
    assert!(new && larry != moe);
    assert_eq!((services.name(moe), services.name(larry)), (Some("moe"), Some("larry")));
}

#[test]
fn names_have_1_to_255_bytes() {
    let (mut services, _) = services();
    assert_eq!(services.create(""), Err(ServiceError::ServiceNameRequired));
    assert!(services.create(&"x".repeat(255)).is_ok());
    assert_eq!(services.create(&"x".repeat(256)), Err(ServiceError::ServiceNameTooLong { len: 256 }));
    assert_eq!(check_name(""), Err(ServiceError::ServiceNameRequired));
}

#[test]
fn s5_registering_without_a_service_is_top_level() {
    let (mut services, moe) = services();
    let register = services.register(None, "echo", None, Handling::Whole);
    assert_eq!(register, Err(ServiceError::TopLevelRegister));
    assert_eq!(services.register_http(None, Handling::Whole), Err(ServiceError::TopLevelRegister));
    assert!(services.register(moe, "echo", None, Handling::Whole).is_ok());
}

#[test]
fn p9_registering_again_replaces_and_keeps_the_key() {
    let (mut services, moe) = services();
    let first = services.register(moe, "echo", Some("json"), Handling::Whole).expect("registered");
    let second = services.register(moe, "echo", None, Handling::Streamed).expect("registered");
    assert_eq!(first, second);
    let now = &services.endpoints[second.index()];
    assert_eq!((now.scheme.as_deref(), now.handling), (None, Handling::Streamed));
    for _ in 0..10 {
        assert!(services.register_http(moe, Handling::Whole).is_ok());
        assert!(services.set_fallback(moe, Handling::Whole).is_ok());
        assert!(services.set_fallback(None, Handling::Whole).is_ok());
    }
    assert_eq!(services.endpoints.len(), 4);
}

#[test]
fn endpoints_of_two_services_are_different() {
    let (mut services, moe) = services();
    let larry = services.create("larry").expect("new");
    let keys = [
        services.register(moe, "echo", None, Handling::Whole),
        services.register(larry, "echo", None, Handling::Whole),
        services.register(moe, "", None, Handling::Whole),
    ];
    let keys: Vec<_> = keys.into_iter().map(|key| key.map(EndpointKey::index)).collect();
    assert_eq!(keys, [Ok(0), Ok(1), Ok(2)]);
}

#[test]
fn key_of_another_channel_is_refused() {
    let (mut services, _) = services();
    let stranger = ServiceKey(7);
    let refused = Err(ServiceError::OtherChannel);
    assert_eq!(services.register(stranger, "echo", None, Handling::Whole), refused);
    assert_eq!(services.register_http(stranger, Handling::Whole), refused);
    assert_eq!(services.set_fallback(stranger, Handling::Whole), refused);
    assert_eq!(services.name(stranger), None);
    assert!(services.endpoints.is_empty());
}

#[test]
fn services_and_endpoints_are_listed_in_a_fixed_order() {
    let (mut services, moe) = services();
    services.create("larry").expect("new");
    for endpoint in ["b", "a"] {
        services.register(moe, endpoint, None, Handling::Whole).expect("registered");
    }
    let list: Vec<_> = services.iter().map(|(_, name, endpoints)| (name, endpoints.count())).collect();
    assert_eq!(list, [("moe", 2), ("larry", 0)]);
    let (_, _, endpoints) = services.iter().next().expect("two");
    assert_eq!(endpoints.collect::<Vec<_>>(), ["a", "b"]);
}
