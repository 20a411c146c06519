//! wire.md 7.2: what is sent, bytes of the worked examples, and what is never sent.
//!
//! The rules of "never send" are checked on every frame of every case (never.rs); here are the cases that tempt. That
//! `host_port` is an IPv4 address, and in an init res no `0.0.0.0:0`, is up to whoever makes the connection.

use std::time::Duration;

use tchannel_proto::wire::Route;
use tchannel_proto::{Config, Health};

use crate::conformance::case::{Case, accepted, cases, connected, count};

/// A handler rejects a call of a peer that says it speaks `language`; what goes out has this code.
fn rejected(language: Option<&'static str>, code: &str, sent: &str) -> Case {
    accepted(format!(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
             * request 2 HEAD none 2000ms 'echo' 'h' 'body'
           ! reject 2 {code} "oops"
             > error 2 {sent} T "oops""#
    ))
    .peer(language)
}

fn pinging(config: &mut Config) {
    let (interval, timeout) = (Duration::from_secs(10), Duration::from_secs(1));
    config.health = Some(Health { interval, timeout, failures: count(5) });
}

cases! {
    w3_the_worked_request: connected(
        "! call 'echo' 'head' 'hello world' 1000ms crc32c demo
           > raw: 0061 03 00 00000002 {00*8} 00 000003e8 {11*8} {00*8} {11*8} 00 04 6563686f \
02 02 636e 04 64656d6f 02 6173 03 726177 03 9fefeea0 \
0004 6563686f 0004 68656164 000b 68656c6c6f20776f726c64"
    ).alone();
    w3_the_worked_request_without_a_checksum: connected(
        "! call 'echo' '' '' 1000ms demo
           > raw: 004e 03 00 00000002 {00*8} 00 000003e8 {11*8} {00*8} {11*8} 00 04 6563686f \
02 02 636e 04 64656d6f 02 6173 03 726177 00 0004 6563686f 0000 0000"
    ).alone();
    w3_the_worked_response: accepted(
        "< raw: 0061 03 00 00000002 {00*8} 00 000003e8 {11*8} {00*8} {11*8} 00 04'echo' 02 02'cn'04'demo' 02'as'03'raw'
         < raw: 03 9fefeea0 0004'echo' 0004'head' 000b'hello world'
           * request 2 echo [cn=demo as=raw] … crc32c 1000ms 'echo' 'head' 'hello world'
         ! respond 2 ok 'head' 'hello world'
           > raw: 004d0400000000020000000000000000 0000 1111111111111111 0000000000000000 1111111111111111 00 \
01 02617303726177 03 1d89b6f9 0000 0004 68656164 000b 68656c6c6f20776f726c64"
    );
    w5_the_answer_carries_the_tracing_of_the_request: accepted(
        r#"< call req 2: 00 TTL {01*24} ff ROUTE 03 853dcd96 ARGS
           * request 2 echo [as=raw cn=probe] 010101010101010101010101010101010101010101010101ff crc32c 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > raw: 0043 04 00 00000002 {00*8} 00 00 {01*24} ff RAW 03 c2b420ca ANSWER
         < call req 2: 00 TTL {01*24} ff ROUTE 03 deadbeef ARGS
           > error 2 bad request 010101010101010101010101010101010101010101010101ff "invalid checksum…"
         < call req 2: 00 TTL ZERO ROUTE 03 853dcd96 ARGS
           * request 2 echo [as=raw cn=probe] - crc32c 2000ms 'echo' 'h' 'body'
         < cancel 2: 00000000 T 0000
           > error 2 cancelled - "cancelled: "
           * abandoned 2 cancelled"#
    );
    w7_3_the_worked_fragments: connected(
        "! hold output
         ! open 'echo' 1000ms crc32c demo
         ! write out 2 'he'
         ! flush out 2
         ! write out 2 'ad'
         ! finish out 2
         ! write out 2 'hello'
         ! flush out 2
         ! write out 2 ' world'
         ! finish out 2
         ! release output
           > raw: 0052 03 00 00000002 {00*8} 01 000003e8 {11*8} {00*8} {11*8} 00 04 6563686f \
02 02 636e 04 64656d6f 02 6173 03 726177 03 4c2d6aa4 0004 6563686f 0002 6865
           > raw: 0021 13 00 00000002 {00*8} 01 03 0f23aa00 0002 6164 0005 68656c6c6f
           > raw: 001e 13 00 00000002 {00*8} 00 03 9fefeea0 0006 20776f726c64"
    ).alone();
    w7_3_the_worked_boundary: connected(
        "! hold output
         ! open 'echo' 1000ms crc32c demo
         ! write out 2 'head'
         ! flush out 2
         ! finish out 2
         ! write out 2 'hello world'
         ! finish out 2
         ! release output
           > raw: 0054 03 00 00000002 {00*8} 01 000003e8 {11*8} {00*8} {11*8} 00 04 6563686f \
02 02 636e 04 64656d6f 02 6173 03 726177 03 04e5418e 0004 6563686f 0004 68656164
           > raw: 0025 13 00 00000002 {00*8} 00 03 9fefeea0 0000 000b 68656c6c6f20776f726c64"
    ).alone();
    w8_the_worked_busy: accepted(
        r#"< call req 2: 00 000003e8 {11*8} {00*8} {11*8} 00 ROUTE 00 ARGS
           * request 2 …
         ! reject 2 busy "too busy"
           > raw: 0034ff0000000002000000000000000003 1111111111111111 0000000000000000 1111111111111111 00 0008746f6f2062757379"#
    );
    w9_the_worked_cancel: connected(
        r#"! call 'echo' '' '' 1000ms demo
           > call req 2 …
         ! late 999001us
         ! cancel 2 "dropped"
           > raw: 0036c0000000000200000000000000000000000011111111111111110000000000000000111111111111111100000764726f70706564
           * failed 2 cancelled local …"#
    ).alone();

    w7_2_the_largest_first_frame_fits: connected(
        "! open {61*16384} crc32c largest
           > size 51512 call req 3 more … crc32c (16384) ''"
    );
    w7_2_a_first_frame_holds_its_head_and_arg1_even_past_frame_size: connected(
        "! open {61*16384} crc32c largest
           > size 51512 call req 3 more … crc32c (16384) ''
         ! write out 3 'abc'
           > size 27 call req continue 3 more crc32c 'abc'"
    ).config(|config| config.frame_size = 1_000);
    w7_2_whole_messages_fill_their_frames: connected(
        "! call 'echo' 'head' {61*200000} crc32c demo
           > size 65535 call req 3 more … crc32c 'echo' 'head' (65449)
           > size 65535 call req continue 3 more crc32c (65511)
           > size 65535 call req continue 3 more crc32c (65511)
           > size 3553 call req continue 3 crc32c (3529)"
    );
    w7_2_while_the_end_of_arg3_is_unknown_frames_have_more_and_an_empty_chunk_ends_it: connected(
        "! open 'echo' crc32c demo
           > size 80 call req 3 more … crc32c 'echo' ''
         ! write out 3 'head'
           > size 28 call req continue 3 more crc32c 'head'
         ! finish out 3
           > size 26 call req continue 3 more crc32c '' ''
         ! write out 3 'body'
           > size 28 call req continue 3 more crc32c 'body'
         ! finish out 3
           > size 24 call req continue 3 crc32c ''"
    );
    w7_2_crc32_is_honoured_when_asked_for: connected(
        "! call 'echo' 'head' 'hello world' crc32
           > call req 3 ttl 3600000 echo [cn=probe as=raw] T crc32 'echo' 'head' 'hello world'"
    );

    w7_2_never_a_first_frame_without_an_arg2_chunk: connected(
        "! open 'echo'
           > call req 3 more ttl 3600000 echo [cn=probe as=raw] T none 'echo' ''"
    );
    w7_2_never_a_frame_without_a_chunk: connected(
        "! open 'echo'
           > call req 3 more …
         ! hold output
         ! finish out 3
         ! finish out 3
         ! release output
           > size 22 call req continue 3 none '' ''"
    );
    w7_2_never_ttl_0: connected(
        "! call 'echo' 'h' 'body' 999999ns
           * failed 3 timeout local …"
    );
    w7_2_never_farmhash: accepted(
        "! call 'echo' 'h' 'body' farmhash
           = farmhash checksums are never sent…
         < call req 2: 00 TTL T ROUTE 02 8f2a367c ARGS
           * request 2 …
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    );
    w7_2_never_a_response_without_as: accepted(
        "< call req 2: 00 TTL T 04'echo' 00 00 ARGS
           * request 2 …
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T none '' 'h' 'body'"
    );
    w7_2_never_a_ping_or_cancel_to_python: connected(
        r#"! open 'echo'
           > call req 3 more …
         ! cancel 3 "dropped"
           * failed 3 cancelled local …
         @ 60s"#
    ).peer(Some("python")).config(pinging);
    w7_2_never_a_ping_or_cancel_to_a_peer_without_a_language: connected(
        r#"! open 'echo'
           > call req 3 more …
         ! cancel 3 "dropped"
           * failed 3 cancelled local …
         @ 60s"#
    ).peer(None).config(pinging);
    w7_2_never_code_ff_on_a_call_to_go: rejected(Some("go"), "fatal", "unexpected");
    w7_2_never_code_ff_on_a_call_to_java: rejected(Some("java"), "fatal", "unexpected");
    w7_2_never_code_ff_on_a_call_to_a_peer_without_a_language: rejected(None, "fatal", "unexpected");
    w7_2_code_ff_on_a_call_may_go_to_node: rejected(Some("node"), "fatal", "fatal");
    w7_2_code_ff_on_a_call_may_go_to_python: rejected(Some("python"), "fatal", "fatal");
    w7_2_code_ff_on_a_call_may_go_to_rust: rejected(Some("rust"), "fatal", "fatal");
    w7_2_never_a_code_that_the_protocol_does_not_name: rejected(Some("go"), "unknown", "unexpected");
    w7_2_never_a_fatal_frame_to_node: accepted(
        "< init req 5: 0002 0002 REQUIRED
           fatal: …init req…"
    ).peer(Some("node"));
    w7_2_never_the_streaming_flag_even_in_answer_to_it: accepted(
        "< call req 2: 02 TTL T ROUTE 03 853dcd96 ARGS
           * request 2 HEAD crc32c 2000ms streaming 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > raw: 0043 04 00 00000002 {00*8} 00 00 T RAW 03 c2b420ca ANSWER"
    );
    w7_2_never_an_error_frame_that_does_not_fit: accepted(format!(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
           < call req 3: 00 TTL T ROUTE 00 ARGS
             * request 2 …
             * request 3 …
           ! reject 2 unexpected "{}"
             > size 65535 error 2 unexpected T "xxx…xxx"
           ! reject 3 unexpected "{}"
             > size 65534 error 3 unexpected T "ééé…ééé""#,
        "x".repeat(70_000),
        "é".repeat(40_000)
    ));
    w7_2_never_one_that_echoes_a_peers_reason_past_the_frame: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 …
         < cancel 2: 00000000 T ffd0{78*65488}
           > error 2 cancelled T "cancelled: xxx…"
           * abandoned 2 cancelled"#
    );
    w7_2_never_a_drain_reason_past_the_frame: accepted(format!(
        r#"! drain "{0}" 30s
             > error none declined - "draining: xxx…"
           < call req 2: 00 TTL T ROUTE 00 ARGS
             > error 2 declined T "connection draining: xxx…""#,
        "x".repeat(70_000)
    )).drains();
}

#[test]
fn w7_2_never_a_header_key_of_16_bytes_or_twice_or_a_value_past_255() {
    let long_value = "v".repeat(256);
    for headers in [
        vec![("kkkkkkkkkkkkkkkk", "v")],
        vec![("", "v")],
        vec![("as", "raw"), ("as", "raw")],
        vec![("zz", long_value.as_str())],
    ] {
        assert!(Route::encode("echo", headers.iter().copied()).is_err(), "{headers:?}");
    }
    assert!(Route::encode("", [("as", "raw")]).is_err());
    assert!(Route::encode("echo", [("kkkkkkkkkkkkkkk", "v")]).is_ok());
}
