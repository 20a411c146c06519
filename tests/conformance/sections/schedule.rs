//! 8: the order of what is written, and what becomes of a message that has left in part.

use crate::conformance::case::{Case, accepted, cases, connected, count, size};

/// One frame at a time leaves, when the case says so; our call 3 has sent the first of its four.
fn half_sent(script: &str) -> Case {
    connected(format!(
        "! hold output
         ! call 'echo' '' {{61*200000}}
         ! write once
           > size 65535 call req 3 more ttl 3600000 echo [cn=probe as=raw] T none 'echo' '' (…)
         {script}"
    ))
    .config(|config| config.max_transmit = size(1))
}

cases! {
    s8_control_frames_leave_before_calls: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
         < call req 3: 00 TTL T ROUTE 00 ARGS
           * request 2 …
           * request 3 …
         ! call 'echo' 'h' 'body'
           > call req 2 CALLED
         ! hold output
         ! respond 2 ok 'h' 'body'
         ! call 'echo' 'h' 'body'
         ! cancel 2 "dropped"
           * failed 2 cancelled local …
         ! reject 3 busy "no"
         < ping req 50:
         < ping req 51:
         ! release output
           > ping res 50
           > ping res 51
           > error 3 busy T "no"
           > cancel 2 ttl 3600000 T "dropped"
           > call res 2 ok [as=raw] T none '' 'h' 'body'
           > call req 3 CALLED"#
    );
    s8_the_init_res_leaves_first: accepted(
        "! hold output
         < init req 1: 0002 0002 REQUIRED
         < call req 2: 00 TTL T ROUTE 07 ARGS
         < ping req 50:
           * ready - probe -
         ! release output
           > init res 1 …
           > ping res 50
           > error 2 bad request …"
    ).bare().peer(None);

    s4_1_a_response_ends_a_whole_request_that_has_left_in_part: half_sent(
        "< call res 3: 00 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none 'h' 'body'
         ! release output
           > size 20 call req continue 3 none ''"
    );
    s4_1_so_does_a_response_in_parts: half_sent(
        "< call res 3: 01 00 T RAW 00 0000 0001'h'
         ! write once
           > size 65535 call req continue 3 more none (65515)
         < call res continue 3: 00 00 0000 0004'body'
           * response 3 ok [as=raw] T none 'h' 'body'
         ! release output
           > size 20 call req continue 3 none ''"
    );
    s4_1_an_error_frame_stops_a_request_that_has_left_in_part: half_sent(
        r#"< error 3: 03 T 0008'too busy'
           * failed 3 busy remote "too busy"
         ! release output"#
    );
    s4_1_a_bad_response_stops_a_request_that_has_left_in_part: half_sent(
        "< call res 3: 00 00 T RAW 00 0000
           * failed 3 bad request local …
         ! release output"
    );
    s6_cancel_stops_a_request_that_has_left_in_part: half_sent(
        r#"! cancel 3 "dropped"
           * failed 3 cancelled local …
         ! release output
           > cancel 3 ttl 3600000 T "dropped""#
    );
    s5_a_timeout_stops_a_request_that_has_left_in_part: connected(
        "! hold output
         ! call 'echo' '' {61*200000} 2s
         ! write once
           > call req 3 more ttl 2000 …
         @ 2s
           * failed 3 timeout local …
         ! release output"
    ).config(|config| config.max_transmit = size(1));
    s9_drain_waits_for_a_response_that_has_left_in_part: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 …
         ! hold output
         ! respond 2 ok '' {61*100000}
         ! write once
           > size 65535 call res 2 more …
         ! drain "restart" 30s
         ! write once
           > error none declined - "draining: restart"
         ! write once
           > call res continue 2 none (…)
           * closed drained"#
    ).alone().config(|config| config.max_transmit = size(1));
    // Its handler is done and hears nothing.
    s6_a_cancel_ends_a_whole_response_that_is_leaving: accepted(
        "< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 …
         ! hold output
         ! respond 2 ok '' {61*100000}
         ! write once
           > size 65535 call res 2 more …
         < cancel 2: 00000000 T 0000
         ! release output
           > error 2 cancelled T \"cancelled: \""
    ).config(|config| config.max_transmit = size(1));
    s4_2_max_incoming_calls_counts_a_call_until_its_answer_has_left: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 …
         ! hold output
         ! respond 2 ok '' ''
         < call req 3: 00 TTL T ROUTE 00 ARGS
         ! release output
           > error 3 busy T "too many calls"
           > call res 2 …
         < call req 3: 00 TTL T ROUTE 00 ARGS
           * request 3 …"#
    ).alone().config(|config| config.max_incoming_calls = count(1));
    s5_the_end_of_time_is_a_deadline_like_any_other: connected(
        "! call 'echo' 'h' 'body' 18446744072s
           > call req 3 ttl 4294967295 echo [cn=probe as=raw] T none 'echo' 'h' 'body'
         ! call 'echo' 'h' 'body' 99999999999s
           > call req 4 ttl 4294967295 echo [cn=probe as=raw] T none 'echo' 'h' 'body'"
    );
}
