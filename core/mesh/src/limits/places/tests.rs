use super::*;

fn places(all: usize, one: usize) -> Places {
    let all = NonZeroUsize::new(all).expect("not 0");
    Places::new(&Limits {
        max_connections_accepted: all,
        max_connections_per_address: NonZeroUsize::new(one),
        ..Limits::default()
    })
}

fn at(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn one() -> Refused {
    Refused::TooManyFromOne { limit: NonZeroUsize::MIN }
}

#[test]
fn one_address_leaves_room_for_others() {
    let mut places = places(3, 1);
    assert_eq!(places.take(Some(at("10.0.0.1"))), Ok(()));
    assert_eq!(places.take(Some(at("10.0.0.1"))), Err(one()));
    assert_eq!(places.take(Some(at("10.0.0.2"))), Ok(()));
    places.leave(Some(at("10.0.0.1")));
    assert_eq!(places.take(Some(at("10.0.0.1"))), Ok(()));
    assert_eq!(places.take(Some(at("10.0.0.3"))), Ok(()));
    let limit = NonZeroUsize::new(3).expect("not 0");
    assert_eq!(places.take(Some(at("10.0.0.4"))), Err(Refused::TooMany { limit }));
}

#[test]
fn one_host_is_one_address_however_it_is_written() {
    let mut places = places(10, 1);
    assert_eq!(places.take(Some(at("10.0.0.1"))), Ok(()));
    assert_eq!(places.take(Some(at("::ffff:10.0.0.1"))), Err(one()));
    assert_eq!(places.take(Some(at("2001:db8::1"))), Ok(()));
    assert_eq!(places.take(Some(at("2001:db8::2:0:0:2"))), Err(one()));
    assert_eq!(places.take(Some(at("2001:db8:0:1::1"))), Ok(()));
}

#[test]
fn streams_without_an_address_count_as_connections_only() {
    let mut places = places(2, 1);
    assert_eq!((places.take(None), places.take(None)), (Ok(()), Ok(())));
    assert!(matches!(places.take(None), Err(Refused::TooMany { .. })));
    places.leave(None);
    assert_eq!((places.take(None), places.taken()), (Ok(()), 2));
}

#[test]
fn an_address_is_forgotten_with_its_last_connection() {
    let mut places = places(1_000, 5);
    for n in 0..1_000_u32 {
        let from = Some(IpAddr::from(n.to_be_bytes()));
        assert_eq!(places.take(from), Ok(()));
        places.leave(from);
    }
    assert_eq!((places.taken(), places.taken_from.len()), (0, 0));
}

#[test]
fn a_refused_connection_is_not_counted() {
    let mut places = places(1, 1);
    assert_eq!(places.take(Some(at("10.0.0.1"))), Ok(()));
    for n in 0..10_u8 {
        assert!(places.take(Some(IpAddr::from([10, 0, 1, n]))).is_err());
    }
    assert_eq!((places.taken(), places.taken_from.len()), (1, 1));
}
