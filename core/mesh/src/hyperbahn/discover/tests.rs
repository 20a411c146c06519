use alloc::string::ToString;
use alloc::vec;

use proptest::prelude::*;

use super::*;
use crate::options::{CallOptions, Layers, Style};

/// The bytes of a hexadecimal text with spaces.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter_map(|c| c.to_digit(16))
        .map(|digit| u8::try_from(digit).expect("a digit"))
        .collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn texts(peers: &[HostPort]) -> Vec<String> {
    peers.iter().map(ToString::to_string).collect()
}

fn problem(arg3: &str) -> Option<ThriftProblem> {
    match Discover::read(&hex(arg3)) {
        Err(DiscoverError::Unreadable(error)) => Some(error.problem),
        _ => None,
    }
}

const QUERY: &str = "0c0001 0b0001 0000000d 6f746865722d73657276696365 00 00";
const ONE_PEER: &str = "0c0000 0f0001 0c 00000001 0c0001 080001 7f000001 00 080002 000010e1 00 00 00";

#[test]
fn discover() {
    let call = Discover::new("other-service").expect("a name").call();
    assert_eq!((call.endpoint, &call.args.arg2[..]), ("Hyperbahn::discover", &[0, 0][..]));
    assert_eq!(call.args.body(), hex(QUERY));
    let channel = CallOptions::new();
    let layers = Layers {
        call: &call.options,
        subchannel: None,
        channel: &channel,
        channel_name: "my-caller",
        style: Style::Python,
    };
    let plan = layers.plan().expect("a plan");
    let headers: Vec<_> = plan.route.headers().iter().collect();
    assert_eq!(plan.route.service(), "hyperbahn");
    assert_eq!(headers, [("cn", "my-caller"), ("as", "thrift"), ("re", "c")]);
}

#[test]
fn discover_affine() {
    let call = Discover::new("other-service").expect("a name").affine().call();
    assert_eq!((call.endpoint, call.args.body()), ("Hyperbahn::discoverAffine", hex(QUERY).into()));
}

#[test]
fn empty_service_is_refused_here() {
    assert_eq!(Discover::new(""), Err(ServiceError::ServiceNameRequired));
}

#[test]
fn answer_with_one_peer_of_the_captured_exchange() {
    assert_eq!(texts(&Discover::read(&hex(ONE_PEER)).expect("one peer")), ["127.0.0.1:4321"]);
}

#[test]
fn address_is_big_endian_and_signed() {
    let arg3 = ONE_PEER.replace("7f000001", "fffefd01").replace("000010e1", "0000ffff");
    assert_eq!(texts(&Discover::read(&hex(&arg3)).expect("one peer")), ["255.254.253.1:65535"]);
}

#[test]
fn no_peers_available_is_an_error_value() {
    let arg3 = "0c0001 0b0001 00000002 6e6f 0b0002 00000001 53 00 00";
    let error = Discover::read(&hex(arg3)).expect_err("an exception");
    let wanted = DiscoverError::NoPeersAvailable { message: "no".into(), service: "S".into() };
    assert_eq!(error, wanted);
    assert_eq!(error.to_string(), "nobody advertises the service: no");
}

#[test]
fn invalid_service_name_is_an_error_value() {
    let arg3 = "0c0002 0b0001 00000002 6e6f 0b0002 00000000 00 00";
    let wanted = DiscoverError::InvalidServiceName { message: "no".into(), service: String::new() };
    assert_eq!(Discover::read(&hex(arg3)), Err(wanted));
}

#[test]
fn exception_decides_over_peers_and_unknown_ones_are_no_success() {
    let with = |more: &str| ONE_PEER.strip_suffix("00").map(|peers| [peers, more, "00"].concat());
    let known = with("0c0001 00").expect("a struct");
    assert!(matches!(Discover::read(&hex(&known)), Err(DiscoverError::NoPeersAvailable { .. })));
    let unknown = with("0c0009 0b0001 00000000 00").expect("a struct");
    assert_eq!(Discover::read(&hex(&unknown)), Err(DiscoverError::UnknownException { field: 9 }));
}

#[test]
fn answer_without_peers_and_exception_is_an_error() {
    assert_eq!(Discover::read(&[0]), Err(DiscoverError::ValueExpected));
}

#[test]
fn empty_list_of_any_type_is_no_peers() {
    assert_eq!(Discover::read(&hex("0c0000 0f0001 0c 00000000 00 00")), Ok(vec![]));
    assert_eq!(Discover::read(&hex("0c0000 0f0001 08 00000000 00 00")), Ok(vec![]));
}

#[test]
fn unknown_fields_are_skipped() {
    let arg3 = "0c0000 0b0007 00000001 78 0f0001 0c 00000001 \
                0c0001 020009 01 080001 7f000001 00 080002 000010e1 0d0003 0b06 00000000 00 00 00";
    assert_eq!(texts(&Discover::read(&hex(arg3)).expect("one peer")), ["127.0.0.1:4321"]);
}

#[test]
fn answers_that_are_no_discovery_result_are_refused() {
    let with = |from: &str, to: &str| problem(&ONE_PEER.replace(from, to));
    assert_eq!(with("000010e1", "00000000"), Some(ThriftProblem::OutOfRange { field: 2, value: 0 }));
    assert_eq!(with("000010e1", "00010000"), Some(ThriftProblem::OutOfRange { field: 2, value: 65_536 }));
    assert_eq!(with("000010e1", "ffffffff"), Some(ThriftProblem::OutOfRange { field: 2, value: -1 }));
    assert_eq!(with("080002 000010e1", ""), Some(ThriftProblem::Missing(2)));
    assert_eq!(with("080001 7f000001", ""), Some(ThriftProblem::Missing(1)));
    assert_eq!(with("080001 7f000001", "060001 7f00"), Some(ThriftProblem::WrongType { field: 1, kind: 6 }));
    assert_eq!(with("0c 00000001", "0c 7fffffff"), Some(ThriftProblem::Length(i32::MAX)));
    assert_eq!(problem("0c0000 00 00"), Some(ThriftProblem::Missing(1)));
    assert_eq!(problem("0c0000 0f0001 08 00000001 00000001 00 00"), Some(wrong_element()));
    assert_eq!(problem("080000 00000001 00"), Some(ThriftProblem::WrongType { field: 0, kind: 8 }));
    assert_eq!(problem(&[ONE_PEER, "00"].concat()), Some(ThriftProblem::LeftOver));
    assert_eq!(problem("0c0001 0b0001 00000001 ff 00 00"), Some(ThriftProblem::NotText));
}

fn wrong_element() -> ThriftProblem {
    ThriftProblem::WrongType { field: 1, kind: 8 }
}

#[test]
fn every_truncation_is_refused() {
    let whole = hex(ONE_PEER);
    for cut in 0..whole.len() {
        assert!(matches!(Discover::read(&whole[..cut]), Err(DiscoverError::Unreadable(_))), "cut at {cut}");
    }
}

#[test]
fn texts_of_an_exception_are_kept_up_to_a_length() {
    let mut arg3 = hex("0c0001 0b0001 0000ffff");
    arg3.extend(core::iter::repeat_n(b'x', 0xffff));
    arg3.extend([0, 0]);
    let Err(DiscoverError::NoPeersAvailable { message, .. }) = Discover::read(&arg3) else {
        panic!("not the exception")
    };
    assert_eq!(message.len(), 1_000);
}

proptest! {
    #[test]
    fn every_list_of_peers_comes_out_as_it_went_in(list in prop::collection::vec((any::<[u8; 4]>(), 1_u16..), 0..40)) {
        let mut arg3 = hex("0c0000 0f0001 0c");
        arg3.extend(u32::try_from(list.len()).expect("short").to_be_bytes());
        for (ip, port) in &list {
            arg3.extend(hex("0c0001 080001"));
            arg3.extend(ip);
            arg3.extend(hex("00 080002"));
            arg3.extend(u32::from(*port).to_be_bytes());
            arg3.push(0);
        }
        arg3.extend([0, 0]);
        let peers = Discover::read(&arg3).expect("well formed");
        let wanted: Vec<_> =
            list.iter().map(|(ip, port)| SocketAddr::from((Ipv4Addr::from(*ip), *port)).to_string()).collect();
        prop_assert_eq!(texts(&peers), wanted);
    }

    #[test]
    fn no_bytes_are_harmful(start in 0_usize..30, bytes in prop::collection::vec(0_u8..17, 0..60)) {
        let mut arg3 = hex(ONE_PEER);
        arg3.truncate(start);
        arg3.extend(bytes);
        let _ = Discover::read(&arg3);
    }
}
