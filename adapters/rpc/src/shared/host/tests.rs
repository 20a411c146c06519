use tchannel_mesh::HostPort;

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
        assert!(HostPort::try_from(&Host::from(text)).is_err(), "{text}");
    }
}

#[test]
fn port_zero_cannot_be_dialled() {
    assert!(HostPort::try_from(&Host::from("127.0.0.1:0")).is_err());
    assert!(HostPort::try_from(&Host::from("127.0.0.1:1")).is_ok());
}

#[test]
fn hosts_print_as_they_were_given() {
    for text in ["127.0.0.1:4040", "some.host:1", "nonsense"] {
        assert_eq!(Host::from(text).to_string(), text);
    }
}
