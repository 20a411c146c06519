//! 4: the tables of calls.

use crate::conformance::case::{Case, accepted, cases, connected, patience};

/// We dialled; our call 3 is written and read in parts.
fn streaming(script: &str) -> Case {
    connected(format!(
        "! open 'echo'
           > call req 3 more ttl 3600000 echo [cn=probe as=raw] T none 'echo' ''
         {script}"
    ))
}

cases! {
    s4_1_a_queued_call_that_expires_is_forgotten_without_a_byte: connected(
        r#"! call 'echo' 'h' 'body' 500ms
           > init req 1 …
         @ 499ms
         @ 1ms
           * failed 2 timeout local "…in the handshake…echo…500ms of 500ms…"
         < init res 1: 0002 0002 REQUIRED
           * ready - probe -"#
    ).bare().peer(None).alone();
    s4_1_a_queued_call_that_is_cancelled_is_forgotten_without_a_byte: connected(
        r#"! call 'echo' 'h' 'body'
           > init req 1 …
         ! cancel 2 "dropped"
           * failed 2 cancelled local …
         < init res 1: 0002 0002 REQUIRED
           * ready - probe -"#
    ).bare().peer(None).alone();
    s4_1_a_call_dropped_before_the_writers_turn_sends_nothing: connected(
        r#"! hold output
         ! call 'echo' 'h' 'body'
         ! cancel 3 "dropped"
           * failed 3 cancelled local …
         ! release output"#
    );
    s4_1_calls_take_turns_one_frame_each: connected(
        "! hold output
         ! call 'a' '' {61*150000}
         ! call 'b' '' 'small'
         ! call 'c' '' {61*70000}
         ! release output
           > call req 3 more ttl 3600000 echo [cn=probe as=raw] T none 'a' '' (…)
           > call req 4 ttl 3600000 echo [cn=probe as=raw] T none 'b' '' 'small'
           > call req 5 more ttl 3600000 echo [cn=probe as=raw] T none 'c' '' (…)
           > call req continue 3 more none (65515)
           > call req continue 5 none (…)
           > call req continue 3 none (…)"
    );
    s4_1_a_response_may_begin_and_end_before_the_request_does: streaming(
        "< call res 3: 01 00 T RAW 00 0000 0001'h'
           * response 3 ok [as=raw] T none in parts
         ! write out 3 'x'
           > call req continue 3 more none 'x'
         ! read out 3
           = arg2 'h'
         < call res continue 3: 00 00 0000 0004'body'
           > call req continue 3 none '' ''
         ! write out 3 'y'
           = gone
         ! read out 3
           = arg3 'body'
         ! read out 3
           = done"
    );
    s4_1_an_error_frame_stops_the_rest_of_the_request: streaming(
        r#"! hold output
         ! write out 3 {61*200000}
         < error 3: 03 T 0008'too busy'
           * failed 3 busy remote "too busy"
         ! release output
         ! write out 3 'x'
           = gone"#
    );
    // An id that was never on the wire is no id of a call to the peer.
    s4_1_nothing_answers_a_call_that_was_not_sent: connected(
        "! hold output
         ! call 'echo' 'h' 'body'
         < error 3: 03 T 0008'too busy'
         < call res 3: 00 00 T RAW 00 ANSWER
         ! release output
           > call req 3 CALLED
         < call res 3: 00 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none 'h' 'body'"
    );
    s4_1_frames_behind_a_malformed_response_are_skipped: connected(
        "! call 'echo' 'h' 'body'
           > call req 3 CALLED
         < call res 3: 01 00 T RAW 00 0000 0001'h' ff
           * failed 3 bad request local …
         <*5 call res continue 3: 01 00 0001'x'
         < call res continue 3: 00 00 0001'x'"
    ).config(patience(1));
    s4_1_a_failed_may_follow_a_partly_read_response: streaming(
        r#"< call res 3: 01 00 T RAW 00 0000 0001'h'
           * response 3 ok [as=raw] T none in parts
         ! read out 3
           = arg2 'h'
         ! cancel 3 "enough"
           > cancel 3 ttl 3600000 T "enough"
           * failed 3 cancelled local …
         < call res continue 3: 00 00 0000 0004'body'
         ! read out 3
           = gone"#
    );

    s4_2_a_late_answer_is_gone_and_writes_nothing: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         @ 2s
           > error 2 timeout T "request timed out after 2000ms (limit was 2000ms)"
           * abandoned 2 timeout
         ! respond 2 ok 'h' 'body'
           = gone
         ! reject 2 busy "late"
           = gone
         ! reply 2 ok
           = gone"#
    );
    s4_2_a_second_answer_of_any_kind_is_gone: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         ! hold output
         ! respond 2 ok 'h' 'body'
         ! respond 2 ok 'h' 'again'
           = gone
         ! reject 2 busy "again"
           = gone
         ! reply 2 ok
           = gone
         ! write in 2 'x'
           = gone
         ! release output
           > call res 2 ok [as=raw] T none '' 'h' 'body'"#
    );
    s4_2_a_rejected_call_gets_an_error_frame: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         ! reject 2 declined "not here"
           > error 2 declined T "not here"
         ! respond 2 ok 'h' 'body'
           = gone"#
    );
    s4_2_reject_may_end_a_reply_that_began: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         ! reply 2 ok
           > call res 2 more ok [as=raw] T none '' ''
         ! write in 2 'h'
           > call res continue 2 more none 'h'
         ! reject 2 unexpected "oops"
           > error 2 unexpected T "oops"
         ! write in 2 'x'
           = gone"#
    );
    s4_2_a_deadline_only_guards_the_first_response_frame: accepted(
        "< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         @ 1999ms
         ! reply 2 ok
           > call res 2 more ok [as=raw] T none '' ''
         @ 60s
         ! hold output
         ! finish in 2
         ! write in 2 'body'
         ! finish in 2
         ! release output
           > call res continue 2 none '' 'body'"
    );
    s4_2_what_follows_of_an_answered_request_is_skipped: accepted(
        "< call req 2: 01 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' in parts
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''
         <*9 call req continue 2: 01 00 0001'x'
         < call req continue 2: 00 00 0001'x'
         ! live
           = (1, 1)"
    ).config(patience(1));
    s4_2_but_only_until_its_last_frame: accepted(
        "< call req 2: 01 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' in parts
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''
         < call req continue 2: 00 00 0001'x'
         < call req continue 2: 00 00 0001'x'
         < call req continue 2: 00 00 0001'x'
           fatal: too many useless frames"
    ).config(patience(1));
    s4_2_a_bad_call_is_skipped_to_its_end_for_free: accepted(
        r#"< call req 2: 01 TTL T ROUTE 03 deadbeef ARGS
           > error 2 bad request T "invalid checksum…"
         <*9 call req continue 2: 01 00 0001'x'
         < call req continue 2: 00 00 0001'x'"#
    ).config(patience(1));
    s4_2_a_reader_in_parts_may_wait_longer_than_assembly_timeout: accepted(
        "< call req 2: 01 0000ea60 T ROUTE 00 ARGS
           * request 2 HEAD none 60000ms 'echo' in parts
         ! read in 2
           = arg2 'h'
         @ 59s
         < call req continue 2: 00 00 0004' too'
         ! read in 2
           = arg3 'body too'
         ! read in 2
           = done
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''"
    );
}
