use tchannel_mesh::hyperbahn::{Discover, DiscoverError};

use super::{asked, invalid_name, no_peers, peers};

#[test]
fn question_of_a_client_is_read() {
    let question = Discover::new("other-service").expect("a good name").call();
    assert_eq!(asked(&question.args.body()).as_deref(), Some("other-service"));
    assert_eq!(asked(b"\x0c\0\x01\x0b\0\x01\0\0\0\x05shor\0\0"), None);
    assert_eq!(asked(b""), None);
}

#[test]
fn answers_are_what_a_client_reads() {
    let two = ["127.0.0.1:4321".parse().expect("a peer"), "10.0.0.7:80".parse().expect("a peer")];
    let one =
        b"\x0c\0\0\x0f\0\x01\x0c\0\0\0\x01\x0c\0\x01\x08\0\x01\x7f\0\0\x01\0\x08\0\x02\0\0\x10\xe1\0\0\0";
    assert_eq!(peers(&two[..1]), one);
    assert_eq!(Discover::read(&peers(&two)), Ok(two.to_vec()));

    let refused = Discover::read(&no_peers("moe"));
    let (message, service) = ("no peer available for moe".to_owned(), "moe".to_owned());
    assert_eq!(refused, Err(DiscoverError::NoPeersAvailable { message, service }));
    let refused = Discover::read(&invalid_name(""));
    let (message, service) = ("invalid service name: ".to_owned(), String::new());
    assert_eq!(refused, Err(DiscoverError::InvalidServiceName { message, service }));
}
