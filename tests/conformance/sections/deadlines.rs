//! 5: deadlines and ttl; 5.1: tombstones; 6: cancel.

use crate::conformance::case::{Case, accepted, cases, connected, count};

/// One useless frame is forgiven, the next is fatal: shows which frames are free.
fn impatient(case: Case) -> Case {
    case.config(|config| {
        config.patience = count(1);
        config.patience_per_second = 0;
        config.stale_after = None;
    })
}

cases! {
    s5_the_ttl_on_the_wire_is_rounded_down: connected(
        "! call 'echo' 'h' 'body' 1999999us
           > call req 3 ttl 1999 echo [cn=probe as=raw] T none 'echo' 'h' 'body'"
    );
    s5_a_ttl_that_rounds_to_0_fails_the_call_and_sends_nothing: connected(
        r#"! call 'echo' 'h' 'body' 999us
           * failed 3 timeout local "…""#
    );
    s5_a_deadline_that_has_passed_fails_the_call_and_sends_nothing: connected(
        r#"! call 'echo' 'h' 'body' 0ms
           * failed 3 timeout local "…"
         ! open 'echo' 0ms
           * failed 4 timeout local "…""#
    );
    s5_the_ttl_on_the_wire_is_capped: connected(
        "! call 'echo' 'h' 'body' 5000000s
           > call req 3 ttl 4294967295 echo [cn=probe as=raw] T none 'echo' 'h' 'body'"
    );
    s5_the_time_in_the_queue_counts: connected(
        "! hold output
         ! call 'echo' 'h' 'body' 2s
         ! late 1500us
         ! release output
           > call req 3 ttl 1998 echo [cn=probe as=raw] T none 'echo' 'h' 'body'"
    );
    s5_the_time_of_the_handshake_counts: connected(
        "! call 'echo' 'h' 'body' 4s
           > init req 1 …
         @ 3s
         < init res 1: 0002 0002 REQUIRED
           > call req 2 ttl 1000 echo [cn=probe as=raw] T none 'echo' 'h' 'body'
           * ready - probe -"
    ).bare().alone().peer(None);
    s5_timers_are_exact: connected(
        r#"! call 'echo' 'h' 'body' 2s
           > call req 3 ttl 2000 echo [cn=probe as=raw] T none 'echo' 'h' 'body'
         ! timer
           = 2s
         @ 1999999999ns
         ! timer
           = 1ns
         @ 1ns
           * failed 3 timeout local "…""#
    );
    s5_an_early_timeout_changes_nothing: connected(
        "! call 'echo' 'h' 'body' 2s
           > call req 3 ttl 2000 echo [cn=probe as=raw] T none 'echo' 'h' 'body'
         ! late 500ms
         ! tick
         ! timer
           = 1.5s"
    );
    s5_a_streamed_call_needs_its_first_response_frame_before_the_deadline: connected(
        r#"! open 'echo' 2s
           > call req 3 more ttl 2000 echo [cn=probe as=raw] T none 'echo' ''
         @ 2s
           * failed 3 timeout local "…"
         ! write out 3 'x'
           = gone"#
    );
    s5_the_text_of_a_timeout_names_service_endpoint_and_budget: connected(
        r#"! call 'cook' 'h' 'body' 2s other
           > call req 3 ttl 2000 other …
         @ 2s
           * failed 3 timeout local "…waiting for the response…other…cook…2000ms of 2000ms…"
         ! call 'cook' 'h' 'body' 3s other
           > call req 4 ttl 3000 other …
         < call res 4: 01 00 T RAW 00 ANSWER
         @ 3s
           * failed 4 timeout local "…receiving the response…other…cook…3000ms of 3000ms…""#
    );
    s5_and_that_it_was_queued: connected(
        r#"! hold output
         ! call 'cook' 'h' 'body' 2s other
         @ 2s
           * failed 3 timeout local "…in the queue…other…cook…2000ms of 2000ms…"
         ! release output"#
    );
    s5_or_that_the_handshake_was_not_done: connected(
        r#"! call 'cook' 'h' 'body' 2s other
           > init req 1 …
         @ 2s
           * failed 2 timeout local "…in the handshake…other…cook…2000ms of 2000ms…""#
    ).bare().alone();
    s5_the_deadline_of_the_peers_call_is_its_arrival_and_its_ttl: accepted(
        "@ 7s
         < call req 2: 00 00000001 T ROUTE 00 ARGS
           * request 2 HEAD none 1ms 'echo' 'h' 'body'
         ! timer
           = 1ms
         ! remaining 2
           = 1ms
         @ 999us
         ! remaining 2
           = 1µs
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T none '' 'h' 'body'
         @ 1s"
    );
    s5_the_time_that_remains_is_never_negative: accepted(
        "< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         ! late 3s
         ! remaining 2
           = 0ns
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T none '' 'h' 'body'
         ! remaining 2
           = none"
    );
    s5_the_peers_deadline_is_clamped_to_max_ttl: accepted(
        r#"< call req 2: 00 7fffffff T ROUTE 00 ARGS
           * request 2 HEAD none 600000ms 'echo' 'h' 'body'
         @ 599999ms
         @ 1ms
           > error 2 timeout T "request timed out after 600000ms (limit was 600000ms)"
           * abandoned 2 timeout"#
    ).alone();
    s5_a_response_handed_in_before_the_timer_ran_wins: connected(
        "! call 'echo' 'h' 'body' 2s
           > call req 3 ttl 2000 echo [cn=probe as=raw] T none 'echo' 'h' 'body'
         ! late 2s
         < call res 3: 00 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none 'h' 'body'
         ! tick"
    );
    s5_so_does_an_error_frame: connected(
        r#"! call 'echo' 'h' 'body' 2s
           > call req 3 ttl 2000 echo [cn=probe as=raw] T none 'echo' 'h' 'body'
         ! late 3s
         < error 3: 01 T 0004'late'
           * failed 3 timeout remote "late"
         ! tick"#
    );
    s5_nothing_is_sent_when_a_call_times_out: connected(
        r#"! call 'echo' 'h' 'body' 2s
           > call req 3 ttl 2000 echo [cn=probe as=raw] T none 'echo' 'h' 'body'
         @ 60s
           * failed 3 timeout local "…""#
    );

    // min(1 s + 500 ms, 5 s) after the end of the call.
    s5_1_frames_for_a_call_that_timed_out_are_free_for_its_ttl_and_500_ms: impatient(connected(
        r#"! call 'echo' 'h' 'body' 1s
           > call req 3 ttl 1000 echo [cn=probe as=raw] T none 'echo' 'h' 'body'
         @ 1s
           * failed 3 timeout local "…"
         @ 1499ms
         <*5 call res 3: 00 00 T RAW 00 ANSWER
         @ 2ms
         < call res 3: 00 00 T RAW 00 ANSWER
         < error 3: 05 T 0004'oops'
           fatal: too many useless frames"#
    ));
    s5_1_but_not_for_longer_than_5_s: impatient(connected(
        r#"! call 'echo' 'h' 'body'
           > call req 3 CALLED
         ! cancel 3 "dropped"
           > cancel 3 ttl 3600000 T "dropped"
           * failed 3 cancelled local …
         @ 4999ms
         <*5 call res 3: 00 00 T RAW 00 ANSWER
         < error 3: 05 T 0004'oops'
         @ 2ms
         < call res continue 3: 00 00 0001'x'
         < call res 3: 01 00 T RAW 00 ANSWER
           fatal: too many useless frames"#
    ));
    // A peer that ignores cancels streams on: that must not cost its healthy calls.
    s5_1_while_more_of_its_response_comes_an_id_is_remembered: impatient(connected(
        r#"! call 'echo' 'h' 'body'
           > call req 3 CALLED
         ! cancel 3 "dropped"
           > cancel 3 ttl 3600000 T "dropped"
           * failed 3 cancelled local …
         @ 4999ms
         <*5 call res continue 3: 01 00 0001'x'
         @ 4999ms
         <*5 call res continue 3: 01 00 0001'x'
         @ 10s
         <*5 call res continue 3: 00 00 0001'x'
         @ 10s
         < call res continue 3: 00 00 0001'x'
         < call res 3: 01 00 T RAW 00 ANSWER
           fatal: too many useless frames"#
    ));
    s5_1_a_skipped_request_is_remembered_for_5_s_after_its_answer: impatient(accepted(
        "< call req 2: 01 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' in parts
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''
         @ 5001ms
         < call req continue 2: 01 00 0001'x'
         < call req continue 2: 01 00 0001'x'
         < call req continue 2: 01 00 0001'x'
           fatal: too many useless frames"
    ));
    s5_1_and_for_longer_while_more_of_it_comes: impatient(accepted(
        "< call req 2: 01 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' in parts
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''
         @ 4999ms
         <*5 call req continue 2: 01 00 0001'x'
         @ 4999ms
         <*5 call req continue 2: 01 00 0001'x'
         < call req continue 2: 00 00 0001'x'
         < call req continue 2: 00 00 0001'x'
         < call req continue 2: 00 00 0001'x'
         < call req continue 2: 00 00 0001'x'
           fatal: too many useless frames"
    ));
    s5_1_tombstones_do_not_delay_draining: connected(
        r#"! call 'echo' 'h' 'body'
           > call req 2 CALLED
         ! cancel 2 "dropped"
           > cancel 2 ttl 3600000 T "dropped"
           * failed 2 cancelled local …
         < call req 2: 01 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' in parts
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''
         ! drain "restart" 30s
           > error none declined - "draining: restart"
           * closed drained"#
    ).alone();

    s6_cancel_tells_the_time_that_was_left: connected(
        r#"! call 'echo' 'h' 'body' 2s
           > call req 3 ttl 2000 echo [cn=probe as=raw] T none 'echo' 'h' 'body'
         ! late 500100us
         ! cancel 3 "dropped"
           > raw: 0036 c0 00 00000003 {00*8} 000005db T 0007'dropped'
           * failed 3 cancelled local …"#
    );
    s6_even_if_it_was_nothing: connected(
        r#"! call 'echo' 'h' 'body' 2s
           > call req 3 ttl 2000 echo [cn=probe as=raw] T none 'echo' 'h' 'body'
         ! late 1999999us
         ! cancel 3 "dropped"
           > cancel 3 ttl 0 T "dropped"
           * failed 3 cancelled local …"#
    );
    s6_the_reason_is_cut_at_255_bytes: connected(format!(
        r#"! call 'echo' 'h' 'body'
           > call req 3 CALLED
         ! cancel 3 "{}"
           > cancel 3 ttl 3600000 T "{}"
           * failed 3 cancelled local …"#,
        "y".repeat(300),
        "y".repeat(255)
    ));
    s6_the_caller_is_done_at_once: connected(
        r#"! open 'echo'
           > call req 3 more …
         ! cancel 3 "dropped"
           > cancel 3 ttl 3600000 T "dropped"
           * failed 3 cancelled local …
         ! write out 3 'x'
           = gone
         ! cancel 3 "again"
         ! live
           = (1, 1)"#
    );
    s6_a_cancel_after_the_response_does_nothing: connected(
        r#"! call 'echo' 'h' 'body'
           > call req 3 CALLED
         < call res 3: 00 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none 'h' 'body'
         ! cancel 3 "dropped""#
    );
    s6_a_cancelled_request_sends_no_more_of_itself: connected(
        r#"! hold output
         ! call 'echo' '' {61*3000000}
         ! cancel 3 "dropped"
           * failed 3 cancelled local …
         ! release output"#
    );
    s6_a_cancel_without_a_body_is_accepted: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         < cancel 2:
           > error 2 cancelled T "cancelled: "
           * abandoned 2 cancelled"#
    );
    s6_a_cancel_ends_a_reply_that_began: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         ! reply 2 ok
           > call res 2 more ok [as=raw] T none '' ''
         ! write in 2 'h'
           > call res continue 2 more none 'h'
         < cancel 2: 00000000 T 0007'why not'
           > error 2 cancelled T "cancelled: why not"
           * abandoned 2 cancelled
         ! write in 2 'x'
           = gone"#
    );
    s6_a_cancel_ends_a_request_that_is_not_whole: accepted(
        r#"< call req 2: 01 TTL T ROUTE 00 0002'ec'
         < cancel 2: 00000000 T 0007'why not'
           > error 2 cancelled T "cancelled: why not"
         ! stat cancels_honored
           = 1
         < call req continue 2: 00 00 0002'ho' 0001'h' 0004'body'"#
    );
    s6_a_cancel_for_an_answered_call_is_ignored: accepted(
        "< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T none '' 'h' 'body'
         < cancel 2: 00000000 T 0007'why not'
         ! stat cancels_requested
           = 1
         ! stat cancels_honored
           = 0"
    );
}
