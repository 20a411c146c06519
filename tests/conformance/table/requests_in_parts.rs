//! 13.3: call requests, R51 to R67: ids, fragments, floods.

use crate::conformance::case::{accepted, cases, connected, count, patience, size};

cases! {
    r51_arg1_split_over_frames_is_served: accepted(
        "< call req 2: 01 TTL T ROUTE 03 5e43cbe9 0002'ec'
         ! live
           = (1, 2)
         < call req continue 2: 00 03 98e70e4f 0002'ho' 0001'h' 0001'b'
           * request 2 HEAD crc32c 2000ms 'echo' in parts
         ! collect in 2
           * whole in 2 'h' 'b'
         ! respond 2 ok 'h' 'b'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'b'"
    );
    r51_arg1_alone_in_the_first_frame_is_served: accepted(
        "< call req 2: 01 TTL T ROUTE 03 7cd169a6 0004'echo'
         < call req continue 2: 00 03 98e70e4f 0000 0001'h' 0001'b'
           * request 2 HEAD crc32c 2000ms 'echo' in parts
         ! collect in 2
           * whole in 2 'h' 'b'
         ! respond 2 ok 'h' 'b'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'b'"
    );

    r52_the_streaming_flag_is_recorded: accepted(
        "< call req 2: 02 TTL T ROUTE 03 853dcd96 ARGS
           * request 2 HEAD crc32c 2000ms streaming 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    );
    r52_the_streaming_flag_changes_nothing_about_fragments: accepted(
        "< call req 2: 03 TTL T ROUTE 03 72583a81 0004'echo' 0001'h' 0002'bo'
           * request 2 HEAD crc32c 2000ms streaming 'echo' in parts
         ! collect in 2
         < call req continue 2: 02 03 853dcd96 0002'dy'
           * whole in 2 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    );
    r53_other_flags_are_ignored: accepted(
        "< call req 2: fc TTL T ROUTE 03 853dcd96 ARGS
           * request 2 HEAD crc32c 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    );

    r54_id_0_is_served_under_0: accepted(
        "< call req 0: 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 0 HEAD crc32c 2000ms 'echo' 'h' 'body'
         ! respond 0 ok 'h' 'body'
           > call res 0 ok [as=raw] T crc32c '' 'h' 'body'"
    );
    r54_the_highest_id_is_served: accepted(
        "< call req 4294967294: 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 4294967294 HEAD crc32c 2000ms 'echo' 'h' 'body'
         ! respond 4294967294 ok 'h' 'body'
           > call res 4294967294 ok [as=raw] T crc32c '' 'h' 'body'"
    );
    r55_a_call_with_the_id_of_no_message_is_fatal: accepted(
        "< call req none: 00 TTL T ROUTE 03 853dcd96 ARGS
           fatal: …"
    );
    r56_a_duplicate_live_id_is_fatal: accepted(
        "< call req 2: 00 TTL T ROUTE 03 c6667d7c 0005'sleep' 0000 0003'150'
           * request 2 HEAD crc32c 2000ms 'sleep' '' '150'
         < call req 2: 00 TTL T ROUTE 03 66dc08c6 0004'echo' 0000 0006'second'
           * abandoned 2 network
           fatal: …duplicate id…"
    );
    r56_so_is_one_of_a_request_that_is_not_whole_yet: accepted(
        "< call req 2: 01 TTL T ROUTE 03 5e43cbe9 0002'ec'
         < call req 2: 00 TTL T ROUTE 03 66dc08c6 0004'echo' 0000 0006'second'
           fatal: …duplicate id…"
    );
    r57_an_id_may_be_used_again_after_the_answer: accepted(
        "< call req 2: 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 2 HEAD crc32c 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'
         < call req 2: 00 TTL T ROUTE 03 66dc08c6 0004'echo' 0000 0006'second'
           * request 2 HEAD crc32c 2000ms 'echo' '' 'second'
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T crc32c '' '' ''"
    );
    r57_even_if_the_answered_request_was_not_finished: accepted(
        "< call req 2: 01 TTL T ROUTE 03 853dcd96 ARGS
           * request 2 HEAD crc32c 2000ms 'echo' in parts
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'
         < call req 2: 00 TTL T ROUTE 03 66dc08c6 0004'echo' 0000 0006'second'
           * request 2 HEAD crc32c 2000ms 'echo' '' 'second'
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T crc32c '' '' ''"
    );

    r58_empty_chunks_are_served: accepted(
        "< call req 2: 01 TTL T ROUTE 00 0000 0000
           * request 2 HEAD none 2000ms '' in parts
         ! collect in 2
         < call req continue 2: 01 00 0000
         < call req continue 2: 01 00 0001'h'
         < call req continue 2: 01 00 0000 0000
         < call req continue 2: 00 00 0004'body'
           * whole in 2 'h' 'body'
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''"
    );
    r58_continuations_with_only_empty_chunks_cost_patience: accepted(
        "< call req 2: 01 TTL T ROUTE 00 0004'echo' 0000
           * request 2 HEAD none 2000ms 'echo' in parts
         <*3 call req continue 2: 01 00 0000
         < call req continue 2: 01 00 0000
           * abandoned 2 network
           fatal: too many useless frames"
    ).config(patience(3));

    r59_a_continuation_for_an_unknown_id_is_ignored: accepted(
        "< call req continue 99: 00 03 1db079a1 0001'x'
         < call req continue 99: 01 03 1db079a1 0001'x'
         < call req continue 99: 00 07"
    );
    r59_continuations_for_unknown_ids_cost_patience: accepted(
        "<*3 call req continue 99: 00 03 1db079a1 0001'x'
         < call req continue 99: 00 03 1db079a1 0001'x'
           fatal: too many useless frames"
    ).config(patience(3));
    r60_a_continuation_after_the_last_frame_is_ignored: accepted(
        "< call req 2: 00 TTL T ROUTE 03 853dcd96 ARGS
         < call req continue 2: 00 03 1db079a1 0001'x'
           * request 2 HEAD crc32c 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    );
    r60_continuations_after_the_last_frame_cost_patience: accepted(
        "< call req 2: 00 TTL T ROUTE 03 853dcd96 ARGS
         <*3 call req continue 2: 00 03 1db079a1 0001'x'
           * request 2 HEAD crc32c 2000ms 'echo' 'h' 'body'
         < call req continue 2: 00 03 1db079a1 0001'x'
           * abandoned 2 network
           fatal: too many useless frames"
    ).config(patience(3));
    r61_a_continuation_without_a_chunk_is_a_bad_call: accepted(
        r#"< call req 2: 01 TTL T ROUTE 03 853dcd96 ARGS
           * request 2 HEAD crc32c 2000ms 'echo' in parts
         ! collect in 2
         < call req continue 2: 00 03 853dcd96
           > error 2 bad request T "…chunk…"
           * abandoned 2 bad request"#
    );
    r62_a_message_that_ends_before_arg3_began_is_a_bad_call: accepted(
        r#"< call req 2: 01 TTL T ROUTE 03 3df41bdb 0004'echo' 0001'h'
           * request 2 HEAD crc32c 2000ms 'echo' in parts
         ! collect in 2
         < call req continue 2: 00 03 616ebeb6 0004'more'
           > error 2 bad request T "expected 3 args, got 2"
           * abandoned 2 bad request"#
    );

    r63_a_request_that_is_never_finished_ends_with_its_ttl: accepted(
        r#"< call req 2: 01 TTL T ROUTE 03 853dcd96 ARGS
           * request 2 HEAD crc32c 2000ms 'echo' in parts
         ! collect in 2
         @ 1999ms
         @ 1ms
           > error 2 timeout T "request timed out after 2000ms (limit was 2000ms)"
           * abandoned 2 timeout
         ! respond 2 ok '' ''
           = gone"#
    );
    r63_a_request_that_is_never_finished_ends_after_assembly_timeout: accepted(
        r#"< call req 2: 01 0000ea60 T ROUTE 03 853dcd96 ARGS
           * request 2 HEAD crc32c 60000ms 'echo' in parts
         ! collect in 2
         @ 29999ms
         @ 1ms
           > error 2 timeout T "request incomplete"
           * abandoned 2 timeout"#
    );
    r63_so_does_one_whose_arg1_never_ends: accepted(
        r#"< call req 2: 01 TTL T ROUTE 03 5e43cbe9 0002'ec'
         @ 1999ms
         @ 1ms
           > error 2 timeout T "request timed out after 2000ms (limit was 2000ms)"
         ! live
           = (1, 1)"#
    );
    r64_a_request_over_max_message_is_a_bad_call_and_its_rest_is_skipped: accepted(
        r#"< call req 2: 01 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' in parts
         ! collect in 2
         < call req continue 2: 01 00 0008{61*8}
           > error 2 bad request T "message too large"
           * abandoned 2 bad request
         < call req continue 2: 01 00 0008{61*8}
         < call req continue 2: 00 00 0008{61*8}"#
    ).config(|config| config.max_message = size(16));
    r65_a_call_past_the_limit_is_answered_busy: accepted(
        r#"< call req 2: 00 TTL T ROUTE 03 853dcd96 ARGS
         < call req 3: 00 TTL T ROUTE 03 853dcd96 ARGS
         < call req 4: 01 TTL T ROUTE 03 853dcd96 ARGS
         < call req continue 4: 00 03 853dcd96 0000
           > error 3 busy T "too many calls"
           > error 4 busy T "too many calls"
           * request 2 HEAD crc32c 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'
         < call req 3: 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 3 HEAD crc32c 2000ms 'echo' 'h' 'body'
         ! respond 3 ok 'h' 'body'
           > call res 3 ok [as=raw] T crc32c '' 'h' 'body'"#
    ).config(|config| config.max_incoming_calls = count(2));

    r66_a_handler_that_reads_nothing_does_not_stop_pings: accepted(
        r#"< call req 2: 01 TTL T ROUTE 00 0004'echo' 0001'h' 0030{61*48}
         < ping req 8:
           > ping res 8
           * request 2 HEAD none 2000ms 'echo' in parts
         ! gate
           = open
         < call req continue 2: 01 00 0030{61*48}
         < ping req 9:
         ! gate
           = shut
         @ 999ms
         @ 1ms
           > error 2 busy T "…"
           > ping res 9
           * abandoned 2 busy
         ! gate
           = open
         < call req continue 2: 00 00 0030{61*48}"#
    ).config(|config| config.unread_high = size(200));

    r67_calls_that_are_cancelled_at_once_run_out_of_patience: accepted(pairs(6)).config(patience(5));
    // The answer that nobody needs any more is no useless frame of the peer's.
    r67_calls_that_are_answered_pay_for_their_cancels: connected(
        "< call req 2: 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 2 HEAD crc32c 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'
         < cancel 2: 00000000 T 0000
         < call req 3: 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 3 HEAD crc32c 2000ms 'echo' 'h' 'body'
         ! respond 3 ok 'h' 'body'
           > call res 3 ok [as=raw] T crc32c '' 'h' 'body'
         < cancel 3: 00000000 T 0000"
    ).config(patience(1));
}

/// So many calls, each cancelled at once, of which the last is too much.
fn pairs(calls: usize) -> String {
    let ids = || 10..10 + calls;
    let frames =
        ids().map(|id| format!("< call req {id}: 00 TTL T ROUTE 00 ARGS\n< cancel {id}: 00000000 T 0000"));
    let events = ids()
        .map(|id| format!("* request {id} HEAD none 2000ms 'echo' 'h' 'body'\n* abandoned {id} cancelled"));
    let end = "fatal: too many useless frames".to_owned();
    frames.chain(events).chain([end]).collect::<Vec<_>>().join("\n")
}
