//! 13.1: framing and types.

use crate::conformance::case::{accepted, cases, connected, patience};

cases! {
    r1_size_0_is_fatal: accepted(
        "< raw: 0000 d0 00 00000003 {00*8}
           fatal: …frame size…"
    );
    r1_size_1_is_fatal: accepted(
        "< raw: 0001 d0 00 00000003 {00*8}
           fatal: …frame size…"
    );
    // Judged as soon as the two bytes are there: the stream need not go on.
    r1_size_2_is_fatal: accepted(
        "< raw: 0002
           fatal: …frame size…"
    );
    r1_size_5_is_fatal_for_a_dialler_too: connected(
        "< raw: 0005 d0 00 00
           fatal: …frame size…"
    );
    r1_size_15_is_fatal: accepted(
        "< raw: 000f d0 00 00000003 {00*7}
           fatal: …frame size…"
    );
    // node's process dies of a fatal frame while it has calls in flight.
    r1_towards_node_fatal_is_just_a_close: accepted(
        "< raw: 000f d0 00 00000003 {00*7}
           fatal: …frame size…"
    ).peer(Some("node"));
    r1_frames_before_the_bad_one_are_served_and_those_behind_it_are_not: accepted(
        "< call req 2: 00 TTL T ROUTE 03 853dcd96 ARGS
         < raw: 0000 d0 00 00000003 {00*8}
         < call req 3: 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 2 HEAD crc32c 2000ms 'echo' 'h' 'body'
           * abandoned 2 network
           fatal: …frame size…"
    );

    r2_many_frames_in_one_read_are_all_served: accepted(
        r#"< call req 2: 00 TTL T ROUTE 03 853dcd96 ARGS
         < call req 3: 00 TTL T ROUTE 00 ARGS
         < ping req 4:
         < cancel 2: 000003e8 T 0007'why not'
           > ping res 4
           > error 2 cancelled T "cancelled: why not"
           * request 2 HEAD crc32c 2000ms 'echo' 'h' 'body'
           * request 3 HEAD none 2000ms 'echo' 'h' 'body'
           * abandoned 2 cancelled
         ! respond 3 ok 'h' 'body'
           > raw: 003f 04 00 00000003 {00*8} 00 00 T RAW 00 0000 0001'h' 0004'body'"#
    );
    r2_a_frame_may_come_in_pieces_with_time_between: accepted(
        "< raw: 00
         @ 1s
         < raw: 58 03 00 000000
         @ 1s
         < raw: 02 {00*8} 00 TTL T 04'echo' 02 02'as'03'raw' 02'cn'05'pro'
         @ 1s
         < raw: 'be' 03 853dcd96 0004'echo' 0001'h' 0004'bod'
         @ 1s
         < raw: 'y'
           * request 2 HEAD crc32c 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    );

    r2_the_largest_frame_is_served: accepted(
        "< raw: ffff 03 00 00000002 {00*8} 00 TTL T ROUTE 00 0004'echo' 0001'h' ffaf{61*65455}
           * request 2 HEAD none 2000ms 'echo' 'h' (65455)
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''"
    );

    r3_type_0x00_is_ignored: accepted("< 0x00 3:");
    r3_type_0x05_is_ignored_and_counted: accepted(
        "< 0x05 3: 'abc'
         ! stat unknown_types
           = 1"
    );
    r3_type_0x42_is_ignored_by_a_dialler: connected("< 0x42 2: 'zzz'");
    r3_unknown_types_cost_patience: accepted(
        "<*3 0x05 3+: 'abc'
         <*1 0x42 2:
           fatal: too many useless frames"
    ).config(patience(3));

    r4_reserved_bytes_are_ignored: accepted(
        "< raw: 0058 03 ab 00000002 0102030405060708 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 2 HEAD crc32c 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > raw: 0043 04 00 00000002 {00*8} 00 00 T RAW 03 c2b420ca 0000 0001'h' 0004'body'"
    );

    r5_a_peer_that_says_nothing_is_closed_after_5_s: accepted(
        "! timer
           = 5s
         @ 4999ms
         @ 1ms
           closes: handshake timed out"
    ).bare();
    r5_a_peer_that_does_not_answer_is_closed_after_5_s: connected(
        "! call 'echo' 'h' 'body'
           > init req 1 …
         @ 4999ms
         @ 1ms
           * failed 2 network local …
           closes: handshake timed out"
    ).bare();

    r6_a_cut_inside_a_frame_is_a_loss: accepted(
        "< raw: 0058 03 00 00000002 {00*8} 00 TTL
         ! lost eof
           closes: the peer closed the connection"
    );

    r7_http_is_recognised: accepted(
        "< raw: 'GET / HTTP/1.1' 0d0a 'Host: x' 0d0a 0d0a
           fatal: …HTTP…"
    ).bare();
    r7_http_post_is_recognised: accepted(
        "< raw: 'POST / HTTP/1.1' 0d0a
           fatal: …HTTP…"
    ).bare();
    r7_an_http_answer_is_recognised: connected(
        "! call 'echo' 'h' 'body'
           > init req 1 …
         < raw: 'HTTP/1.1 400 Bad Request' 0d0a 0d0a
           * failed 2 fatal local …
           fatal: …HTTP…"
    ).bare();
    r7_tls_is_recognised: accepted(
        "< raw: 16 03 01 0200 01 0001fc 0303 {5a*32}
           fatal: …TLS…"
    ).bare();
    r7_a_tls_alert_is_recognised: connected(
        "! call 'echo' 'h' 'body'
           > init req 1 …
         < raw: 15 03 03 0002 02 46
           * failed 2 fatal local …
           fatal: …TLS…"
    ).bare();
    r7_a_tls_alert_that_passes_for_an_init_res_is_recognised: connected(
        "! call 'echo' 'h' 'body'
           > init req 1 …
         < raw: 15 03 02 0002 02 28 {00*32}
           * failed 2 fatal local …
           fatal: …TLS…"
    ).bare();
    r7_a_banner_is_shown: connected(
        "! call 'echo' 'h' 'body'
           > init req 1 …
         < raw: 'SSH-2.0-OpenSSH_9.2p1' 0d0a
           * failed 2 fatal local …
           fatal: …SSH-2.0-OpenSSH_…another protocol…"
    ).bare();
    r7_other_garbage_is_fatal: accepted(
        "< raw: ffff {42*300}
           fatal: …"
    ).bare();
    r7_what_may_still_become_an_init_req_waits_no_longer_than_the_handshake_timer: accepted(
        "< raw: ffff 01 {42*300}
         @ 5s
           closes: handshake timed out"
    ).bare();

    r8_a_half_close_is_a_loss: accepted(
        "< call req 2: 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 2 HEAD crc32c 2000ms 'echo' 'h' 'body'
         ! lost eof
           * abandoned 2 network
           closes: the peer closed the connection
         ! respond 2 ok 'h' 'body'
           = gone"
    );
    r8_a_reset_is_a_loss: connected(
        "! lost reset
           closes: connection reset"
    );
}
