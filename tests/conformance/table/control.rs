//! 13.5: errors and control frames.

use crate::conformance::case::{Case, accepted, cases, connected, patience};

/// We dialled, our call 3 is on its way; then the script.
fn calling(script: &str) -> Case {
    connected(format!("! call 'echo' 'h' 'body'\n > call req 3 CALLED\n{script}"))
}

cases! {
    r90_a_timeout_is_reported: calling(
        r#"< error 3: 01 T 0004'late'
           * failed 3 timeout remote "late""#
    );
    r90_cancelled_is_reported: calling(
        r#"< error 3: 02 T 0004'stop'
           * failed 3 cancelled remote "stop""#
    );
    r90_busy_is_reported: calling(
        r#"< error 3: 03 T 0008'too busy'
           * failed 3 busy remote "too busy""#
    );
    r90_declined_is_reported: calling(
        r#"< error 3: 04 T 0002'no'
           * failed 3 declined remote "no""#
    );
    r90_an_unexpected_error_is_reported: calling(
        r#"< error 3: 05 T 0004'oops'
           * failed 3 unexpected remote "oops""#
    );
    r90_a_bad_request_is_reported_with_an_empty_text: calling(
        r#"< error 3: 06 T 0000
           * failed 3 bad request remote """#
    );
    r90_a_network_error_is_reported: calling(
        r#"< error 3: 07 T 0003'net'
           * failed 3 network remote "net""#
    );
    // The codec decodes the text lossily; bytes behind it are ignored; another tracing is no matter.
    r90_unhealthy_is_reported: calling(
        r#"< error 3: 08 ZERO 0003 616263 'zzz'
           * failed 3 unhealthy remote "abc""#
    );

    r91_code_0_fails_the_call_as_unexpected: calling(
        r#"< error 3: 00 T 0004'zero'
           * failed 3 code 0 remote "zero"
         < call res 3: 00 00 T RAW 00 ANSWER"#
    );
    r91_code_9_fails_the_call_as_unexpected: calling(
        r#"< error 3: 09 T 0004'nine'
           * failed 3 code 9 remote "nine""#
    );
    r91_code_0x42_fails_the_call_as_unexpected: calling(
        r#"< error 3: 42 T 0003'odd'
           * failed 3 code 66 remote "odd""#
    );
    r92_an_error_for_an_unknown_id_is_ignored: calling(
        "< error 99: 03 T 0004'busy'
         < error 99: 00 T 0004'zero'
         < error 0: ff T 0005'fatal'
         < call res 3: 00 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none 'h' 'body'"
    );
    r92_errors_for_unknown_ids_cost_patience: connected(
        "<*4 error 99: 03 T 0004'busy'
           fatal: too many useless frames"
    ).config(patience(3));
    r92_an_error_never_addresses_the_peers_call: accepted(
        "< call req 2: 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 2 HEAD crc32c 2000ms 'echo' 'h' 'body'
         < error 2: 05 T 0004'oops'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    );
    r93_code_ff_with_a_calls_id_fails_that_call_only: calling(
        r#"< error 3: ff T 0011'fatal for this id'
           * failed 3 fatal remote "fatal for this id"
         < call res 3: 00 00 T RAW 00 ANSWER"#
    );
    r94_a_fatal_error_fails_all_calls_with_its_text: calling(
        r#"< call req 4: 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 4 HEAD crc32c 2000ms 'echo' 'h' 'body'
         < error none: ff T 0007'closing'
           * failed 2 fatal remote "closing"
           * failed 3 fatal remote "closing"
           * abandoned 900 network
           * abandoned 4 network
           * closed peer closed with fatal protocol error: closing"#
    );

    // Its own calls may go on, so it is the peer that closes.
    r95_a_draining_frame_stops_new_calls_of_ours: connected(
        r#"! call 'echo' 'h' 'body'
           > call req 3 CALLED
         < error none: 04 T 000d'draining: bye'
           * draining "bye"
         ! call 'echo' 'h' 'body'
           = draining
         ! open 'echo'
           = draining
         < call req 4: 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 4 HEAD crc32c 2000ms 'echo' 'h' 'body'
         < call res 3: 00 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none 'h' 'body'
         ! respond 4 ok 'h' 'body'
           > call res 4 ok [as=raw] T crc32c '' 'h' 'body'
         < call req 6: 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 6 HEAD crc32c 2000ms 'echo' 'h' 'body'"#
    );
    r96_other_errors_without_a_message_are_ignored: calling(
        "< error none: 04 T 0006'closed'
         < error none: 03 T 000d'draining: bye'
         < error none: 00 T 0000
         < error none: 01 T 0004'late'
         ! stat ignored_errors
           = 4
         < call res 3: 00 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none 'h' 'body'"
    );

    r97_a_truncated_error_fails_the_call: calling(
        r#"< error 3: 03 T
           * failed 3 unexpected remote "malformed error frame""#
    );
    r97_an_error_without_a_body_fails_the_call: calling(
        r#"< error 3:
           * failed 3 unexpected remote "malformed error frame""#
    );
    r97_a_truncated_error_for_an_unknown_id_is_ignored: calling(
        "< error 99: 03 T 0004'bu'
         < error none: ff
         < call res 3: 00 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none 'h' 'body'"
    );

    r98_a_ping_is_answered: accepted(
        "< ping req 77:
           > raw: 0010 d1 00 0000004d {00*8}"
    );
    r98_a_ping_is_answered_while_draining: accepted(
        r#"! drain "restart" 30s
           > raw: 003d ff 00 ffffffff {00*8} 04 ZERO 0011'draining: restart'
         < ping req 77:
           > ping res 77"#
    ).drains();
    r98_a_ping_may_have_any_id: accepted(
        "< ping req 0:
           > ping res 0
         < ping req 900:
           > ping res 900"
    );
    r99_a_ping_with_a_body_is_answered: accepted(
        "< ping req 77: 'hello'
           > ping res 77"
    );
    r100_a_flood_of_pings_while_we_cannot_write_takes_16_slots: accepted(
        "! hold output
         <*20 ping req 50+:
         <*20 ping req 50:
         ! release output
           > ping res 50
           > ping res 51
           > ping res 52
           > ping res 53
           > ping res 54
           > ping res 55
           > ping res 56
           > ping res 57
           > ping res 58
           > ping res 59
           > ping res 60
           > ping res 61
           > ping res 62
           > ping res 63
           > ping res 64
           > ping res 65
         < ping req 66:
           > ping res 66"
    );
    r100_and_costs_patience: accepted(
        "! hold output
         <*4 ping req 50+:
           * failed 1 fatal local …
           * abandoned 900 network
           * closed too many useless frames
         ! release output
           > error none fatal - \"too many useless frames\""
    ).config(patience(3));
    r101_an_unasked_ping_res_is_ignored: calling(
        "< ping res 78:
         < ping res 3:
         < ping res 900: 'zzz'
         < call res 3: 00 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none 'h' 'body'"
    );
    r101_unasked_ping_res_cost_patience: connected(
        "<*4 ping res 78:
           fatal: too many useless frames"
    ).config(patience(3));

    r102_a_cancel_stops_the_call: accepted(
        r#"< call req 2: 00 TTL T ROUTE 03 d421d6da 0005'sleep' 0000 0003'300'
           * request 2 HEAD crc32c 2000ms 'sleep' '' '300'
         < cancel 2: 000003e8 T 0007'why not'
           > error 2 cancelled T "cancelled: why not"
           * abandoned 2 cancelled
         ! respond 2 ok 'h' 'body'
           = gone"#
    );
    r103_a_cancel_for_an_unknown_id_is_ignored: accepted("< cancel 99: 000003e8 T 0007'why not'");
    r103_a_truncated_cancel_is_ignored: accepted(
        "< call req 2: 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 2 HEAD crc32c 2000ms 'echo' 'h' 'body'
         < cancel 2: 000003e8
         < cancel 2: 000003e8 T 0007'why'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    );
    r103_cancels_cost_patience: accepted(
        "<*4 cancel 99: 000003e8 T 0007'why not'
           fatal: too many useless frames"
    ).config(patience(3));
    r104_a_claim_is_ignored: accepted("< claim 99: 000003e8 T\n< claim 900: 000003e8");
    r104_a_claim_is_an_event_if_asked_for: accepted(
        "< claim 99: 000003e8 T
           * claim T"
    ).config(|config| config.claims = true);
    r104_claims_cost_patience: accepted(
        "<*4 claim 99: 000003e8 T
           fatal: too many useless frames"
    ).config(patience(3));
    r105_a_cancel_or_claim_for_a_call_of_ours_is_ignored: calling(
        "< cancel 3: 000003e8 T 0007'why not'
         < claim 3: 000003e8 T
         < ping req 3:
           > ping res 3
         < call res 3: 00 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none 'h' 'body'"
    );
    r106_a_call_of_the_peers_with_the_id_of_ours_is_another_call: calling(
        r#"< call req 3: 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 3 HEAD crc32c 2000ms 'echo' 'h' 'body'
         < cancel 3: 00000000 T 0000
           > error 3 cancelled T "cancelled: "
           * abandoned 3 cancelled
         < call req 3: 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 3 HEAD crc32c 2000ms 'echo' 'h' 'body'
         ! respond 3 ok 'h' 'body'
           > call res 3 ok [as=raw] T crc32c '' 'h' 'body'
         < call res 3: 00 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none 'h' 'body'"#
    );
}
