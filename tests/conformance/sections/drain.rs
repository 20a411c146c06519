//! 9: drain and close; 10: errors.

use crate::conformance::case::{accepted, cases, connected};

cases! {
    s9_drain_tells_the_peer: accepted(
        r#"! drain "restart" 30s
           > raw: 003d ff 00 ffffffff {00*8} 04 ZERO 0011'draining: restart'"#
    ).drains();
    s9_calls_of_the_peer_are_declined_while_draining: accepted(
        r#"! drain "restart" 30s
           > error none declined - "draining: restart"
         < call req 2: 00 TTL T ROUTE 00 ARGS
           > error 2 declined T "connection draining: restart"
         < call req 3: 01 TTL T ROUTE 00 ARGS
         < call req continue 3: 00 00 0001'x'
           > error 3 declined T "connection draining: restart""#
    ).drains();
    s9_own_calls_are_refused_while_draining: connected(
        r#"! drain "restart" 30s
           > error none declined - "draining: restart"
         ! call 'echo' 'h' 'body'
           = draining
         ! open 'echo'
           = draining"#
    ).drains();
    s9_calls_in_flight_are_finished: connected(
        r#"! call 'echo' 'h' 'body'
           > call req 2 CALLED
         < call req 2: 01 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' in parts
         ! collect in 2
         ! drain "restart" 30s
           > error none declined - "draining: restart"
         < call req continue 2: 00 00 0001'!'
           * whole in 2 'h' 'body!'
         < call res 2: 01 00 T RAW 00 ANSWER
         < call res continue 2: 00 00 0001'!'
           * response 2 ok [as=raw] T none 'h' 'body!'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T none '' 'h' 'body'
           * closed drained"#
    ).alone();
    s9_closed_comes_after_the_last_byte: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         ! drain "restart" 30s
           > error none declined - "draining: restart"
         ! hold output
         ! respond 2 ok 'h' 'body'
         @ 1s
         ! release output
           > call res 2 ok [as=raw] T none '' 'h' 'body'
           * closed drained"#
    ).alone();
    s9_with_nothing_in_flight_drain_closes_at_once: accepted(
        r#"! drain "restart" 30s
           > error none declined - "draining: restart"
           * closed drained"#
    ).alone();
    s9_the_deadline_cuts_what_is_left: connected(
        r#"! call 'echo' 'h' 'body'
           > call req 3 CALLED
         ! drain "restart" 3s
           > error none declined - "draining: restart"
         @ 2999ms
         @ 1ms
           * failed 3 network local …
           closes: drain deadline passed"#
    );
    // A drain that is cut at once has no time to tell the peer; the reason says who closed.
    s9_close_is_a_drain_with_deadline_0: connected(
        "! call 'echo' 'h' 'body'
           > call req 3 CALLED
         ! close
           * failed 3 network local …
           closes: closed by this side"
    );
    s9_close_with_nothing_in_flight_closes_at_once: connected(
        "! close
           * closed closed by this side"
    ).alone();
    s9_a_second_drain_keeps_the_earlier_deadline_and_sends_nothing: accepted(
        r#"! drain "restart" 3s
           > error none declined - "draining: restart"
         ! drain "again" 60s
         ! timer
           = 3s
         @ 3s
           closes: drain deadline passed"#
    );
    s9_a_second_drain_may_bring_the_deadline_forward: accepted(
        r#"! drain "restart" 30s
           > error none declined - "draining: restart"
         ! drain "again" 2s
         @ 2s
           closes: drain deadline passed"#
    );
    s9_a_draining_peer_is_still_served: accepted(
        r#"< error none: 04 ZERO 0011'draining: restart'
           * draining "restart"
         ! call 'echo' 'h' 'body'
           = draining
         < call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T none '' 'h' 'body'
         < call req 3: 00 TTL T ROUTE 00 ARGS
           * request 3 HEAD none 2000ms 'echo' 'h' 'body'"#
    );
    s9_go_says_it_drains_by_declining_a_call: connected(
        r#"! call 'echo' 'h' 'body'
           > call req 3 CALLED
         < error 3: 04 T 000e'closed channel'
           * failed 3 declined remote "closed channel"
           * draining "…"
         ! call 'echo' 'h' 'body'
           = draining"#
    ).peer(Some("go"));
    s9_from_others_it_is_a_declined_call: connected(
        r#"! call 'echo' 'h' 'body'
           > call req 3 CALLED
         < error 3: 04 T 000e'closed channel'
           * failed 3 declined remote "closed channel"
         ! call 'echo' 'h' 'body'
           > call req 4 CALLED"#
    ).peer(Some("node"));
    s9_pings_are_answered_while_draining: accepted(
        r#"! drain "restart" 30s
           > error none declined - "draining: restart"
         < ping req 5:
           > ping res 5"#
    ).peer(Some("go")).drains();
    s9_a_drain_that_begins_before_the_handshake_is_told_right_behind_it: accepted(
        r#"! drain "restart" 30s
         < init req 1: 0002 0002 REQUIRED
         < call req 2: 00 TTL T ROUTE 00 ARGS
           > init res 1 …
           > error none declined - "draining: restart"
           > error 2 declined T "connection draining: restart"
           * ready - probe -
           * closed drained"#
    ).bare().alone().peer(None);
    s9_both_sides_may_drain: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         ! drain "restart" 30s
           > error none declined - "draining: restart"
         < error none: 04 ZERO 000d'draining: too'
           * draining "too"
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T none '' 'h' 'body'
           * closed drained"#
    ).alone();

    // Causes that no row of the reaction table has.
    s10_1_an_outgoing_message_over_max_message_is_refused_here: connected(
        "! call 'echo' '' {61*67108864}
           = too large 67108868 67108864"
    );
    s10_1_arg1_over_16384_is_refused_here: connected(
        "! call {61*16385} '' ''
           = arg1 length 16385 is larger than the limit 16384
         ! open {61*16385}
           = arg1 length 16385 is larger than the limit 16384
         ! call {61*16384} '' ''
           > call req 3 ttl 3600000 echo [cn=probe as=raw] T none (16384) '' ''"
    );
    s10_1_farmhash_cannot_be_asked_for: connected(
        "! call 'echo' 'h' 'body' farmhash
           = farmhash checksums are never sent…"
    );
    // The handler of call 2 hears that its answer never left.
    s10_3_a_fatal_error_is_the_only_thing_still_sent: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         ! hold output
         ! respond 2 ok 'h' 'body'
         ! call 'echo' 'h' 'body'
         < ping req 9:
         < raw: 0003
           * failed 1 fatal local …
           * failed 2 fatal local …
           * abandoned 900 network
           * closed protocol error: …frame size…
         ! release output
           > error none fatal - "…frame size…""#
    );
}
