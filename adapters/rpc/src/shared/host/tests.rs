use super::{Form, Host};

#[test]
fn addresses_and_names_are_told_apart() {
    assert!(matches!(Host::from("127.0.0.1:4040").form(), Form::Address(_)));
    assert!(matches!(Host::from("[::1]:4040").form(), Form::Address(_)));
    assert!(matches!(Host::from("some.host:4040").form(), Form::Name { port: 4040, .. }));
}

#[test]
fn text_without_host_or_port_is_unusable() {
    for text in ["", ":", "host", "host:", ":4040", "host:99999", "::1:40x", "http://host:80"] {
        assert!(Host::from(text).refusal().is_some(), "{text}");
    }
}

#[test]
fn port_zero_cannot_be_dialled() {
    assert!(Host::from("127.0.0.1:0").refusal().is_some());
    assert!(Host::from("127.0.0.1:1").refusal().is_none());
}

#[test]
fn hosts_print_as_they_were_given() {
    for text in ["127.0.0.1:4040", "some.host:1", "nonsense"] {
        assert_eq!(Host::from(text).to_string(), text);
    }
}
