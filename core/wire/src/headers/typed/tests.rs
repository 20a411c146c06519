use alloc::string::ToString;

use super::*;
use crate::HeaderBlock;

fn block(pairs: &[(&str, &str)]) -> HeaderBlock {
    HeaderBlock::encode(pairs.iter().copied()).unwrap()
}

#[test]
fn each_key_has_its_reader() {
    let block = block(&[
        ("as", "thrift"),
        ("cn", "demo"),
        ("re", "t"),
        ("sk", "shard"),
        ("rd", "delegate"),
        ("rk", "group"),
        ("fd", "domain"),
        ("se", "2"),
        ("cas", "10.0.0.1:1"),
        ("caf", "10.0.0.1:2"),
    ]);
    let headers = block.headers();
    assert_eq!(headers.scheme(), Some(Scheme::Thrift));
    assert_eq!(headers.caller(), Some("demo"));
    assert_eq!(headers.retry(), RetryFlags { connection: false, timeout: true });
    assert_eq!(headers.shard_key(), Some("shard"));
    assert_eq!(headers.routing_delegate(), Some("delegate"));
    assert_eq!(headers.routing_key(), Some("group"));
    assert_eq!(headers.failure_domain(), Some("domain"));
    assert_eq!(headers.speculative(), Ok(Some(Speculative)));
    assert_eq!(headers.claim_at_start(), Some("10.0.0.1:1"));
    assert_eq!(headers.claim_at_finish(), Some("10.0.0.1:2"));
}

#[test]
fn absent_headers_are_none_or_the_default() {
    let block = HeaderBlock::empty();
    let headers = block.headers();
    assert_eq!(headers.scheme(), None);
    assert_eq!(headers.caller(), None);
    assert_eq!(headers.retry(), RetryFlags { connection: true, timeout: false });
    assert_eq!(headers.speculative(), Ok(None));
}

#[test]
fn schemes_keep_their_text() {
    for text in ["raw", "json", "thrift", "sthrift", "http", "RAW", ""] {
        assert_eq!(Scheme::from(text).as_str(), text);
        assert_eq!(Scheme::from(text).to_string(), text);
    }
    assert_eq!(Scheme::from("RAW"), Scheme::Other("RAW"));
}

#[test]
fn retry_flags_are_read_letter_by_letter() {
    let connection = RetryFlags { connection: true, timeout: false };
    let timeout = RetryFlags { connection: false, timeout: true };
    let both = RetryFlags { connection: true, timeout: true };
    let table = [
        ("n", RetryFlags::NEVER),
        ("cn", RetryFlags::NEVER),
        ("tn", RetryFlags::NEVER),
        ("c", connection),
        ("t", timeout),
        ("ct", both),
        ("tc", both),
        ("xt", timeout),
        ("", connection),
        ("x", connection),
    ];
    for (value, flags) in table {
        assert_eq!(RetryFlags::parse(value), flags, "{value}");
    }
}

#[test]
fn retry_flags_come_back_from_their_text() {
    for (connection, timeout, text) in
        [(false, false, "n"), (true, false, "c"), (false, true, "t"), (true, true, "ct")]
    {
        let flags = RetryFlags { connection, timeout };
        assert_eq!(flags.as_str(), text);
        assert_eq!(RetryFlags::parse(text), flags);
    }
}

#[test]
fn bad_speculation_is_an_error_of_the_accessor_only() {
    for value in ["", "1", "3", "22"] {
        let block = block(&[("se", value), ("cn", "demo")]);
        assert_eq!(block.headers().speculative(), Err(HeaderValueError { key: "se" }));
        assert_eq!(block.headers().caller(), Some("demo"));
    }
}
