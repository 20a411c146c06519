//! 13.2: the handshake.

use crate::conformance::case::{accepted, cases, connected};

cases! {
    r10_a_call_before_init_is_fatal: accepted(
        "< call req 2: 00 TTL T ROUTE 03 853dcd96 ARGS
           fatal: …call req…"
    ).bare();
    r11_a_ping_before_init_is_fatal: accepted(
        "< ping req 1:
           fatal: …ping req…"
    ).bare();
    r11_an_init_answered_by_a_ping_is_fatal: connected(
        "! call 'echo' 'h' 'body'
           > init req 1 …
         < ping req 1:
         < init res 1: 0002 0002 REQUIRED
           * failed 2 fatal local …
           fatal: …ping req…"
    ).bare();
    r12_init_res_as_the_first_frame_is_fatal: accepted(
        "< init res 1: 0002 0002 REQUIRED
           fatal: …init res…"
    ).bare();
    r12_an_init_answered_by_an_init_req_is_fatal: connected(
        "! call 'echo' 'h' 'body'
           > init req 1 …
         < init req 1: 0002 0002 REQUIRED
           * failed 2 fatal local …
           fatal: …init req…"
    ).bare();

    r13_a_second_init_req_is_fatal: accepted(
        "< init req 2: 0002 0002 REQUIRED
           fatal: …init req…"
    );
    r13_an_init_req_to_a_dialler_is_fatal: connected(
        "< init req 1: 0002 0002 REQUIRED
           fatal: …init req…"
    );
    r14_a_second_init_res_is_fatal: connected(
        "< init res 1: 0002 0002 REQUIRED
           fatal: …init res…"
    );

    r15_version_0_is_fatal: accepted(
        "< init req 1: 0000 0002 REQUIRED
           fatal: …version…"
    ).bare();
    r15_version_1_is_fatal: accepted(
        "< init req 1: 0001 0002 REQUIRED
           fatal: …version…"
    ).bare();
    r16_version_3_is_answered_with_2: accepted(
        "< init req 1: 0003 0002 REQUIRED
           > init res 1 version 2 …
           * ready - probe -"
    ).peer(None).bare();
    r16_the_highest_version_is_answered_with_2: accepted(
        "< init req 1: ffff 0002 REQUIRED
           > init res 1 version 2 …
           * ready - probe -"
    ).peer(None).bare();
    r17_version_1_in_init_res_is_fatal: connected(
        "! call 'echo' 'h' 'body'
           > init req 1 …
         < init res 1: 0001 0002 REQUIRED
           * failed 2 fatal local …
           fatal: init res: …version…"
    ).bare();
    r17_version_3_in_init_res_is_fatal: connected(
        "! call 'echo' 'h' 'body'
           > init req 1 …
         < init res 1: 0003 0002 REQUIRED
           * failed 2 fatal local …
           fatal: init res: …version…"
    ).bare();
    r18_an_init_res_with_another_id_is_fatal: connected(
        "! call 'echo' 'h' 'body'
           > init req 1 …
         < init res 2: 0002 0002 REQUIRED
           * failed 2 fatal local …
           fatal: init res: …id…"
    ).bare();

    r19_no_headers_at_all_is_fatal: accepted(
        "< init req 1: 0002 0000
           fatal: …host_port…missing…"
    ).bare();
    r19_a_missing_process_name_is_fatal: accepted(
        "< init req 77: 0002 0001 0009'host_port' 0009'0.0.0.0:0'
           fatal: …process_name…missing…"
    ).bare();
    r19_a_missing_host_port_is_fatal: accepted(
        "< init req 1: 0002 0001 000c'process_name' 0005'probe'
           fatal: …host_port…missing…"
    ).bare();
    r19_a_missing_host_port_in_init_res_is_fatal: connected(
        "! call 'echo' 'h' 'body'
           > init req 1 …
         < init res 1: 0002 0001 000c'process_name' 0005'probe'
           * failed 2 fatal local …
           fatal: init res: …host_port…missing…"
    ).bare();

    r20_a_host_name_is_a_name: accepted(
        "< init req 1: 0002 0002 0009'host_port' 000c'localhost:80' 000c'process_name' 0001'p'
           > init res 1 version 2 …
           * ready localhost:80 p -"
    ).peer(None).bare();
    r20_ipv6_is_a_name: accepted(
        "< init req 1: 0002 0002 0009'host_port' 0008'[::1]:80' 000c'process_name' 0001'p'
           > init res 1 version 2 …
           * ready [::1]:80 p -"
    ).peer(None).bare();
    r20_garbage_is_no_name: accepted(
        "< init req 1: 0002 0002 0009'host_port' 0008'nonsense' 000c'process_name' 0001'p'
           > init res 1 version 2 …
           * ready - p -
         ! stat odd_host_ports
           = 1"
    ).peer(None).bare();
    r20_nothing_is_no_name: accepted(
        "< init req 1: 0002 0002 0009'host_port' 0000 000c'process_name' 0001'p'
           > init res 1 version 2 …
           * ready - p -"
    ).peer(None).bare();
    r20_a_port_past_65535_is_no_name: accepted(
        "< init req 1: 0002 0002 0009'host_port' 000e'10.0.0.1:65536' 000c'process_name' 0001'p'
           > init res 1 version 2 …
           * ready - p -"
    ).peer(None).bare();
    // python announces LOCAL_IP:0 when it does not listen.
    r20_any_host_with_port_0_is_no_name: accepted(
        "< init req 1: 0002 0002 0009'host_port' 000a'10.0.0.1:0' 000c'process_name' 0001'p'
           > init res 1 version 2 …
           * ready - p -"
    ).peer(None).bare();

    r21_the_last_of_two_equal_keys_wins: accepted(
        "< init req 1: 0002 0003 REQUIRED 000c'process_name' 0005'other'
           > init res 1 version 2 …
           * ready - other -"
    ).peer(None).bare();
    r22_extra_keys_are_ignored: accepted(
        "< init req 1: 0002 0004 0001'x' 0001'y' REQUIRED 0000 0000
           > init res 1 version 2 …
           * ready - probe -"
    ).peer(None).bare();
    r22_129_keys_are_not_too_many: accepted(format!(
        "< init req 1: 0002 0081 REQUIRED {}
           > init res 1 version 2 …
           * ready - probe -",
        "0001'x' 0001'y'".repeat(127)
    )).peer(None).bare();
    r22_bytes_behind_the_last_header_are_ignored: accepted(
        "< init req 1: 0002 0002 REQUIRED 'zzz'
           > init res 1 version 2 …
           * ready - probe -"
    ).peer(None).bare();
    r23_truncated_headers_are_fatal: accepted(
        "< init req 1: 0002 0002 0009'host_port' 0009'0.0.0.0:0' 000c'process'
           fatal: …header key…"
    ).bare();
    r23_a_count_without_headers_is_fatal: accepted(
        "< init req 1: 0002 ffff
           fatal: …header…"
    ).bare();
    r23_an_empty_body_is_fatal: accepted(
        "< init req 1:
           fatal: …version…"
    ).bare();

    r24_an_ephemeral_host_port_in_init_res_is_no_name: connected(
        "! timer
           = 5s
           > init req 1 …
         < init res 1: 0002 0002 REQUIRED
           * ready - probe -"
    ).peer(None).bare();
    r25_an_error_with_the_id_of_init_refuses_the_connection: connected(
        r#"! call 'echo' 'h' 'body'
           > init req 1 …
         < error 1: 04 T 0007'go away'
           * failed 2 declined remote "go away"
           * closed peer closed with declined: go away"#
    ).bare();
    r25_an_error_with_the_id_of_no_message_refuses_the_connection: connected(
        r#"! call 'echo' 'h' 'body'
           > init req 1 …
         < error none: ff T 0007'go away'
         < init res 1: 0002 0002 REQUIRED
           * failed 2 fatal remote "go away"
           * closed peer closed with fatal protocol error: go away"#
    ).bare();
    r25_an_error_with_any_other_id_refuses_the_connection: connected(
        r#"! call 'echo' 'h' 'body'
           > init req 1 …
         < error 77: 03 T 0007'go away'
           * failed 2 busy remote "go away"
           * closed peer closed with busy: go away"#
    ).bare();

    r26_a_call_right_behind_init_req_is_served: accepted(
        "< init req 1: 0002 0002 REQUIRED
         < call req 2: 00 TTL T ROUTE 03 853dcd96 ARGS
         < ping req 3:
           > init res 1 version 2 …
           > ping res 3
           * ready - probe -
           * request 2 HEAD crc32c 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    ).peer(None).bare();
    r26_a_call_right_behind_init_res_is_served: connected(
        "! timer
           = 5s
           > init req 1 …
         < init res 1: 0002 0002 REQUIRED
         < call req 2: 00 TTL T ROUTE 03 853dcd96 ARGS
           * ready - probe -
           * request 2 HEAD crc32c 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    ).peer(None).bare();
}
