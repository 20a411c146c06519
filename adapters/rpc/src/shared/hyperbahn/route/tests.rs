use std::net::UdpSocket;

use tchannel_mesh::hyperbahn::Routers;

use super::own_address;

fn own(routers: &[&str]) -> Option<std::net::IpAddr> {
    own_address(&Routers::from_texts(routers).expect("good routers"))
}

#[test]
fn own_address_is_one_that_this_machine_has_and_never_all_of_them() {
    for routers in [&["127.0.0.1:4040"][..], &["192.0.2.7:4040"], &["127.0.0.1:1", "some.host:2"]] {
        let Some(own) = own(routers) else { continue };
        assert!(!own.is_unspecified());
        UdpSocket::bind((own, 0)).expect("it is an address of this machine");
    }
}

#[test]
fn own_address_towards_local_routers_is_there() {
    assert!(own(&["127.0.0.1:4040", "127.0.0.1:4041"]).is_some());
}

#[test]
fn loopback_is_no_address_towards_a_router_elsewhere() {
    for routers in [&["192.0.2.7:4040"][..], &["some.host:4040"], &["127.0.0.1:1", "some.host:2"]] {
        assert!(own(routers).is_none_or(|own| !own.is_loopback()), "{routers:?}");
    }
}
