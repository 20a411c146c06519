//! 13.4: answers to a call of ours. Unless a case says otherwise, we dialled and call 3 is in flight.

use crate::conformance::case::{Case, accepted, cases, connected, patience};

/// Our call 3 is on its way; then the script.
fn calling(script: &str) -> Case {
    connected(format!("! call 'echo' 'h' 'body'\n > call req 3 CALLED\n{script}"))
}

/// The same with a call that is written, and read, in parts.
fn streaming(script: &str) -> Case {
    connected(format!(
        "! open 'echo'
           > call req 3 more ttl 3600000 echo [cn=probe as=raw] T none 'echo' ''
         {script}"
    ))
}

cases! {
    r70_a_response_for_an_unknown_id_is_ignored: calling(
        "< call res 1002: 00 00 T RAW 00 ANSWER
         < call res continue 1002: 00 00 0001'x'
         < call res 3: 00 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none 'h' 'body'"
    );
    r70_responses_for_unknown_ids_cost_patience: connected(
        "<*3 call res 1002+: 00 00 T RAW 00 ANSWER
         < call res continue 1002: 00 00 0001'x'
           fatal: too many useless frames"
    ).config(patience(3));
    r70_a_response_for_an_abandoned_call_is_free: calling(
        r#"! cancel 3 "dropped"
           > cancel 3 ttl 3600000 T "dropped"
           * failed 3 cancelled local …
         < call res 3: 01 00 T RAW 00 ANSWER
         <*9 call res continue 3: 01 00 0001'x'
         < call res continue 3: 00 00 0001'x'"#
    ).config(patience(1));

    r71_a_continuation_with_no_response_begun_fails_the_call: calling(
        "< call res continue 3: 00 03 a93c5f93 0001'x'
           * failed 3 bad request local …
         < call res 3: 00 00 T RAW 00 ANSWER"
    );
    r71_a_continuation_for_an_unknown_id_is_ignored: calling(
        "< call res continue 77: 00 03 a93c5f93 0001'x'
         < call res 3: 00 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none 'h' 'body'"
    );

    r72_a_second_response_is_ignored: calling(
        "< call res 3: 00 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none 'h' 'body'
         < call res 3: 00 00 T RAW 00 ANSWER
         < call res continue 3: 00 00 0001'x'"
    );
    r72_a_response_after_an_error_is_ignored: calling(
        r#"< error 3: 03 T 0004'busy'
           * failed 3 busy remote "busy"
         < call res 3: 00 00 T RAW 00 ANSWER"#
    );
    r72_an_error_after_a_response_is_ignored: calling(
        "< call res 3: 00 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none 'h' 'body'
         < error 3: 03 T 0004'busy'"
    );

    r73_code_1_is_not_ok: calling(
        "< call res 3: 00 01 T RAW 00 ANSWER
           * response 3 code 1 [as=raw] T none 'h' 'body'"
    );
    r73_code_2_is_kept: calling(
        "< call res 3: 00 02 T RAW 00 ANSWER
           * response 3 code 2 [as=raw] T none 'h' 'body'"
    );
    r73_code_255_is_kept: calling(
        "< call res 3: 00 ff T RAW 00 ANSWER
           * response 3 code 255 [as=raw] T none 'h' 'body'"
    );
    r74_a_response_without_as_is_accepted: calling(
        "< call res 3: 00 00 T 00 00 ANSWER
           * response 3 ok [] T none 'h' 'body'"
    );
    r74_another_as_than_the_request_had_is_accepted: calling(
        "< call res 3: 00 00 T 01 02'as'04'json' 00 ANSWER
           * response 3 ok [as=json] T none 'h' 'body'"
    );
    r74_another_tracing_than_the_request_had_is_accepted: calling(
        "< call res 3: 00 00 {07*25} RAW 00 ANSWER
           * response 3 ok [as=raw] 07070707070707070707070707070707070707070707070707 none 'h' 'body'"
    );
    r74_the_streaming_flag_in_a_response_has_no_effect: calling(
        "< call res 3: 02 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none 'h' 'body'"
    );
    r75_arg1_in_a_response_is_ignored: calling(
        "< call res 3: 00 00 T RAW 03 9fefeea0 0004'echo' 0004'head' 000b'hello world'
           * response 3 ok [as=raw] T crc32c 'head' 'hello world'"
    );
    r75_arg1_of_16384_in_a_response_is_ignored: calling(
        "< call res 3: 00 00 T RAW 00 4000{41*16384} 0001'h' 0004'body'
           * response 3 ok [as=raw] T none 'h' 'body'"
    );
    r75_arg1_of_16385_in_a_response_fails_the_call: calling(
        "< call res 3: 00 00 T RAW 00 4001{41*16385} 0001'h' 0004'body'
           * failed 3 bad request local …"
    );
    r75_arg1_split_over_frames_is_ignored: calling(
        "< call res 3: 01 00 T RAW 00 0002'ec'
         < call res continue 3: 00 00 0002'ho' 0001'h' 0004'body'
           * response 3 ok [as=raw] T none 'h' 'body'"
    );

    r76_a_bad_checksum_fails_the_call_and_a_later_good_response_is_ignored: calling(
        "< call res 3: 00 00 T RAW 03 00000001 0000 0004'head' 000b'hello world'
           * failed 3 bad request local …invalid checksum (type 3) expected: 1 actual: 495564537…
         < call res 3: 00 00 T RAW 03 1d89b6f9 0000 0004'head' 000b'hello world'"
    );
    r76_a_bad_checksum_in_a_continuation_fails_the_call: calling(
        "< call res 3: 01 00 T RAW 03 02d3ee3e 0000 0004'head' 0006'hello '
         < call res continue 3: 00 03 00000001 0005'world'
           * failed 3 bad request local …invalid checksum (type 3) expected: 1 actual: 495564537…"
    );
    r76_a_change_of_the_checksum_type_fails_the_call: calling(
        "< call res 3: 01 00 T RAW 03 02d3ee3e 0000 0004'head' 0006'hello '
         < call res continue 3: 00 00 0005'world'
           * failed 3 bad request local …checksum type changed…"
    );
    r76_an_unknown_checksum_type_fails_the_call: calling(
        "< call res 3: 00 00 T RAW 04 00000001 0000 0004'head' 000b'hello world'
           * failed 3 bad request local …unknown checksum type 4…"
    );
    r77_another_checksum_type_than_the_requests_is_accepted: calling(
        "< call res 3: 00 00 T RAW 01 cce69f02 0000 0004'head' 000b'hello world'
           * response 3 ok [as=raw] T crc32 'head' 'hello world'"
    );
    r77_even_farmhash: calling(
        "< call res 3: 00 00 T RAW 02 19a7581a 0000 0004'head' 000b'hello world'
           * response 3 ok [as=raw] T farmhash 'head' 'hello world'"
    );

    r78_two_arguments_fail_the_call: calling(
        "< call res 3: 00 00 T RAW 00 0000 0001'h'
           * failed 3 bad request local …expected 3 args, got 2…"
    );
    r78_four_arguments_fail_the_call: calling(
        "< call res 3: 00 00 T RAW 03 22fd629c 0000 0004'head' 000b'hello world' 0001'x'
           * failed 3 bad request local …expected 3 args, got …"
    );
    r78_no_chunk_fails_the_call: calling(
        "< call res 3: 00 00 T RAW 00
           * failed 3 bad request local …"
    );
    r78_a_continuation_without_a_chunk_fails_the_call: calling(
        "< call res 3: 01 00 T RAW 00 ANSWER
         < call res continue 3: 00 00
           * failed 3 bad request local …"
    );
    r78_a_truncated_response_fails_the_call: calling(
        "< call res 3: 00 00 T 01 02'as'
           * failed 3 bad request local …header…"
    );
    r78_a_response_without_a_body_fails_the_call: calling(
        "< call res 3:
           * failed 3 bad request local …"
    );

    r79_a_fragmented_response_may_end_in_an_error: calling(
        r#"< call res 3: 01 00 T RAW 03 02d3ee3e 0000 0004'head' 0006'hello '
         < error 3: 05 T 0004'oops'
           * failed 3 unexpected remote "oops"
         < call res continue 3: 00 03 1d89b6f9 0005'world'"#
    );
    r79_so_may_one_that_is_read_in_parts: streaming(
        r#"< call res 3: 01 00 T RAW 03 02d3ee3e 0000 0004'head' 0006'hello '
           * response 3 ok [as=raw] T crc32c in parts
         ! read out 3
           = arg2 'head'
         < error 3: 05 T 0004'oops'
           * failed 3 unexpected remote "oops"
         ! read out 3
           = gone"#
    );
    r80_a_whole_call_times_out_at_its_deadline_whatever_came: connected(
        r#"! call 'echo' 'h' 'body' 2s
           > call req 3 ttl 2000 echo [cn=probe as=raw] T none 'echo' 'h' 'body'
         @ 500ms
         < call res 3: 01 00 T RAW 03 02d3ee3e 0000 0004'head' 0006'hello '
         @ 1499ms
         @ 1ms
           * failed 3 timeout local "…2000ms…"
         < call res continue 3: 00 03 1d89b6f9 0005'world'"#
    );
    r80_a_streamed_call_waits_on: connected(
        "! open 'echo' 2s
           > call req 3 more ttl 2000 echo [cn=probe as=raw] T none 'echo' ''
         < call res 3: 01 00 T RAW 03 02d3ee3e 0000 0004'head' 0006'hello '
           * response 3 ok [as=raw] T crc32c in parts
         @ 60s
         < call res continue 3: 00 03 1d89b6f9 0005'world'
           > call req continue 3 none '' ''
         ! collect out 3
           * whole out 3 'head' 'hello world'"
    );
    r80_unless_stream_idle_timeout_is_set: streaming(
        "< call res 3: 01 00 T RAW 03 02d3ee3e 0000 0004'head' 0006'hello '
           * response 3 ok [as=raw] T crc32c in parts
         @ 2999ms
         @ 1ms
           * failed 3 timeout local …"
    ).config(|config| config.stream_idle_timeout = Some(std::time::Duration::from_secs(3)));
    r81_a_response_cut_by_the_end_of_the_connection_fails_with_it: calling(
        "< call res 3: 01 00 T RAW 03 02d3ee3e 0000 0004'head' 0006'hello '
         ! lost eof
           * failed 3 network local …
           closes: the peer closed the connection"
    );

    r82_a_response_before_the_end_of_the_request_is_delivered_and_the_request_ended: streaming(
        "! write out 3 'x'
           > call req continue 3 more none 'x'
         < call res 3: 00 00 T RAW 00 ANSWER
           > call req continue 3 none '' ''
           * response 3 ok [as=raw] T none 'h' 'body'
         ! write out 3 'y'
           = gone
         ! live
           = (1, 1)"
    );
    r82_in_arg3_one_chunk_ends_the_request: streaming(
        "! finish out 3
           > call req continue 3 more none '' ''
         ! write out 3 'x'
           > call req continue 3 more none 'x'
         < call res 3: 00 00 T RAW 00 ANSWER
           > call req continue 3 none ''
           * response 3 ok [as=raw] T none 'h' 'body'"
    );
    r82_an_error_does_not_end_the_request: streaming(
        r#"< error 3: 03 T 0004'busy'
           * failed 3 busy remote "busy"
         ! write out 3 'y'
           = gone"#
    );
    r83_arg1_alone_in_the_first_frame_is_accepted: calling(
        "< call res 3: 01 00 T RAW 03 00000000 0000
         < call res continue 3: 00 03 1d89b6f9 0000 0004'head' 000b'hello world'
           * response 3 ok [as=raw] T crc32c 'head' 'hello world'"
    );

    r84_duplicate_headers_fail_the_call: calling(
        "< call res 3: 00 00 T 02 02'as'03'raw' 02'as'03'raw' 00 ANSWER
           * failed 3 bad request local …header key…twice…"
    );
    r84_headers_that_are_not_utf8_fail_the_call: calling(
        "< call res 3: 00 00 T 01 02'as' 02 fffe 00 ANSWER
           * failed 3 bad request local …not UTF-8…"
    );
    r84_an_empty_key_fails_the_call: calling(
        "< call res 3: 00 00 T 01 00 03'raw' 00 ANSWER
           * failed 3 bad request local …"
    );
    r84_the_rest_of_a_response_with_bad_headers_is_skipped: calling(
        "< call res 3: 01 00 T 01 00 03'raw' 00 ANSWER
         <*9 call res continue 3: 01 00 0001'x'
         < call res continue 3: 00 00 0001'x'
           * failed 3 bad request local …"
    ).config(patience(1));
    // An acceptor's own calls are answered in the same way.
    r84_an_acceptor_is_answered_like_a_dialler: accepted(
        "! call 'echo' 'h' 'body'
           > call req 2 CALLED
         < call res 2: 00 00 T RAW 03 1d89b6f9 0000 0004'head' 000b'hello world'
           * response 2 ok [as=raw] T crc32c 'head' 'hello world'"
    );
}
