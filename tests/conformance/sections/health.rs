//! 11: health, and the stale rule.

use std::time::Duration;

use tchannel_proto::{Config, Health};

use crate::conformance::case::{accepted, cases, connected};

/// A ping every 10 s, 1 s for the answer, closed after two misses.
fn healthy(config: &mut Config) {
    config.health = Some(Health {
        interval: Duration::from_secs(10),
        timeout: Duration::from_secs(1),
        failures: 2.try_into().expect("not zero"),
    });
}

cases! {
    s11_no_pings_unless_asked_for: connected("@ 500s").alone();
    s11_pings_take_ids_of_the_ordinary_sequence: connected(
        "@ 10s
           > ping req 3
         < ping res 3:
         ! call 'echo' 'h' 'body'
           > call req 4 CALLED
         @ 10s
           > ping req 5
         < ping res 5:"
    ).config(healthy);
    s11_misses_in_a_row_close_the_connection: connected(
        "@ 10s
           > ping req 3
         < ping res 3:
         @ 10s
           > ping req 4
         @ 11s
           > ping req 5
         @ 1s
           closes: unhealthy: pings are not answered"
    ).config(healthy);
    s11_a_peer_that_never_answered_a_ping_misses_none: connected(
        "@ 10s
           > ping req 3
         @ 11s
           > ping req 4
         @ 11s
           > ping req 5
         @ 1s"
    ).config(healthy);
    s11_any_frame_resets_the_count: connected(
        "@ 10s
           > ping req 3
         < ping res 3:
         @ 10s
           > ping req 4
         @ 1s
         < 0x42 9:
         @ 10s
           > ping req 5
         @ 1s
         @ 10s
           > ping req 6
         @ 1s
           closes: unhealthy: pings are not answered"
    ).config(healthy);
    s11_an_error_frame_is_an_answer: connected(
        "@ 10s
           > ping req 3
         < ping res 3:
         @ 10s
           > ping req 4
         < error 4: 06 T 0004'ping'
         @ 10s
           > ping req 5
         < error 5: 06 T 0004'ping'
         @ 10s
           > ping req 6
         @ 1s
         ! history
           = +++-"
    ).config(healthy);
    s11_a_late_pong_is_an_unasked_one: connected(
        "@ 10s
           > ping req 3
         @ 2s
         < ping res 3:
         ! stat useless_frames
           = 1
         ! history
           = -"
    ).config(healthy);
    s11_a_pong_with_another_id_is_no_answer: connected(
        "@ 10s
           > ping req 3
         < ping res 4:
         @ 1s
         ! history
           = -"
    ).config(healthy);
    s11_a_ping_of_the_peers_with_the_id_of_ours_is_another: connected(
        "@ 10s
           > ping req 3
         < ping req 3:
           > ping res 3
         < ping res 3:
         ! history
           = +"
    ).config(healthy);
    s11_python_is_never_pinged: connected("@ 500s").peer(Some("python")).config(healthy).alone();
    s11_nor_is_a_peer_without_a_language: connected("@ 500s").peer(None).config(healthy).alone();
    s11_no_pings_while_draining: connected(
        r#"@ 10s
           > ping req 3
         < ping res 3:
         ! drain "restart" 100s
           > error none declined - "draining: restart"
         @ 60s"#
    ).config(healthy).drains();
    s11_no_pings_to_a_peer_that_drains: accepted(
        r#"@ 10s
           > ping req 2
         < ping res 2:
         < error none: 04 ZERO 000d'draining: bye'
           * draining "bye"
         @ 60s"#
    ).config(healthy);
    s11_no_pings_to_a_go_that_closes_its_channel: connected(
        r#"! call 'echo' 'h' 'body'
           > call req 3 CALLED
         < error 3: 04 T 000e'closed channel'
           * failed 3 declined remote "closed channel"
           * draining "…"
         @ 60s"#
    ).peer(Some("go")).config(healthy);
    s11_a_pong_in_flight_is_not_waited_for_while_draining: connected(
        r#"@ 10s
           > ping req 3
         < ping res 3:
         @ 10s
           > ping req 4
         ! drain "restart" 100s
           > error none declined - "draining: restart"
         @ 60s"#
    ).config(healthy).drains();

    s11_1_one_timeout_closes_nothing: connected(
        "! call 'echo' 'h' 'body' 1s
           > call req 3 …
         @ 60s
           * failed 3 timeout local …"
    );
    s11_1_nor_do_many_within_1500_ms: connected(
        "! call 'echo' 'h' 'body' 1s
           > call req 3 …
         ! call 'echo' 'h' 'body' 2s
           > call req 4 …
         ! call 'echo' 'h' 'body' 2500ms
           > call req 5 …
         @ 60s
           * failed 3 timeout local …
           * failed 4 timeout local …
           * failed 5 timeout local …"
    );
    s11_1_a_timeout_more_than_1500_ms_after_the_first_closes: connected(
        "! call 'echo' 'h' 'body' 1s
           > call req 3 …
         ! call 'echo' 'h' 'body' 2s
           > call req 4 …
         ! call 'echo' 'h' 'body' 2501ms
           > call req 5 …
         @ 2500ms
           * failed 3 timeout local …
           * failed 4 timeout local …
         @ 1ms
           * failed 5 timeout local …
           closes: stale: calls timed out and nothing was received"
    );
    s11_1_any_frame_begins_the_count_again: connected(
        "! call 'echo' 'h' 'body' 1s
           > call req 3 …
         ! call 'echo' 'h' 'body' 3s
           > call req 4 …
         ! call 'echo' 'h' 'body' 4500ms
           > call req 5 …
         @ 2s
           * failed 3 timeout local …
         < ping res 99:
         @ 30s
           * failed 4 timeout local …
           * failed 5 timeout local …"
    );
    // What the peer's own calls do is no sign of its death.
    s11_1_expiry_of_the_peers_calls_does_not_count: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
         < call req 3: 00 00001388 T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
           * request 3 HEAD none 5000ms 'echo' 'h' 'body'
         @ 60s
           > error 2 timeout T "request timed out after 2000ms (limit was 2000ms)"
           > error 3 timeout T "request timed out after 5000ms (limit was 5000ms)"
           * abandoned 2 timeout
           * abandoned 3 timeout"#
    );
}
