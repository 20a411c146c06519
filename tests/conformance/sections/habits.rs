//! 8: patience, timers and habits. A case is named after the field of the configuration that it shows to reach the core.

use std::time::Duration;

use tchannel_proto::Health;

use crate::conformance::case::{accepted, cases, connected, count, patience};

cases! {
    s8_process_name_is_announced: accepted(
        "< init req 1: 0002 0002 REQUIRED
           > init res 1 version 2 [host_port=10.0.0.1:4040 process_name=kitchen[12] …]
           * ready - probe -"
    ).bare().peer(None).config(|config| config.process_name = "kitchen[12]".into());
    s8_handshake_timeout_closes: accepted(
        "@ 699ms
         @ 1ms
           closes: handshake timed out"
    ).bare().config(|config| config.handshake_timeout = Duration::from_millis(700));
    s8_patience_bounds_useless_frames: accepted(
        "<*5 ping res 50+:
         < ping res 50:
           fatal: too many useless frames"
    ).config(patience(5));
    s8_patience_is_1000_by_default: accepted(
        "<*1000 ping res 50+:
         < ping res 50:
           fatal: too many useless frames"
    );
    s8_patience_is_not_paid_by_ordinary_traffic: connected(
        "! call 'echo' 'h' 'body'
           > call req 3 CALLED
         < call req 2: 01 TTL T ROUTE 00 0002'ec'
         <*9 call req continue 2: 01 00 0001'h'
         < call req continue 2: 01 00 0001'o' 0001'h' 0001'b'
         <*9 call req continue 2: 01 00 0001'b'
         < call req continue 2: 00 00 0001'b'
         < call res 3: 01 00 T RAW 00 ANSWER
         <*9 call res continue 3: 01 00 0001'b'
         < call res continue 3: 00 00 0001'b'
           * request 2 echo [as=raw cn=probe] T none 2000ms 'echhhhhhhhho' in parts
           * response 3 ok [as=raw] T none 'h' 'bodybbbbbbbbbb'
         ! collect in 2
           * whole in 2 'h' 'bbbbbbbbbbb'
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''"
    ).config(patience(1));
    s8_patience_is_paid_by_refused_and_bad_calls: accepted(
        "< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         < call req 3: 00 TTL T ROUTE 00 ARGS
         < call req 4: 00 TTL T ROUTE 00 ARGS
         < call req 5: 00 TTL T ROUTE 07 ARGS
           * abandoned 2 network
           fatal: too many useless frames"
    ).config(|config| {
        config.max_incoming_calls = count(2);
        config.patience = count(2);
        config.patience_per_second = 0;
    });
    s8_patience_per_second_refills: accepted(
        "<*5 ping res 50+:
         @ 1s
         <*2 ping res 50+:
         < ping res 50:
           fatal: too many useless frames"
    ).config(|config| {
        config.patience = count(5);
        config.patience_per_second = 2;
    });
    s8_patience_grows_by_one_for_each_answered_call: accepted(
        "<*2 ping res 50+:
         < call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T none '' 'h' 'body'
         < ping res 50:
         < ping res 50:
           fatal: too many useless frames"
    ).config(patience(2));

    s8_max_tombstones_forgets_the_oldest: connected(
        r#"! call 'echo' 'h' 'body'
           > call req 3 CALLED
         ! cancel 3 "dropped"
           > cancel 3 …
           * failed 3 …
         ! call 'echo' 'h' 'body'
           > call req 4 CALLED
         ! cancel 4 "dropped"
           > cancel 4 …
           * failed 4 …
         <*5 call res 4: 01 00 T RAW 00 ANSWER
         < call res 3: 01 00 T RAW 00 ANSWER
         < call res 3: 01 00 T RAW 00 ANSWER
           fatal: too many useless frames"#
    ).config(|config| {
        config.max_tombstones = count(1);
        config.patience = count(1);
        config.patience_per_second = 0;
    });
    s8_max_ttl_clamps: accepted(
        "< call req 2: 00 ffffffff T ROUTE 00 ARGS
         < call req 3: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 120000ms 'echo' 'h' 'body'
           * request 3 HEAD none 2000ms 'echo' 'h' 'body'"
    ).alone().config(|config| config.max_ttl = Duration::from_secs(120));
    s8_assembly_timeout_ends_a_request_that_is_collected: accepted(
        r#"< call req 2: 01 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' in parts
         ! collect in 2
         @ 300ms
         < call req continue 2: 01 00 0001'x'
         @ 399ms
         @ 1ms
           > error 2 timeout T "request incomplete"
           * abandoned 2 timeout"#
    ).config(|config| config.assembly_timeout = Duration::from_millis(400));
    s8_stream_idle_timeout_ends_a_request_that_is_read_in_parts: accepted(
        r#"< call req 2: 01 0000ea60 T ROUTE 00 0004'echo' 0001'h'
           * request 2 HEAD none 60000ms 'echo' in parts
         ! read in 2
           = arg2 'h'
         ! read in 2
           = blocked
         ! reply 2 ok
           > call res 2 more ok [as=raw] T none '' ''
         @ 399ms
         @ 1ms
           > error 2 timeout T "…"
           * abandoned 2 timeout"#
    ).config(|config| config.stream_idle_timeout = Some(Duration::from_millis(400)));
    s8_stream_idle_timeout_ends_a_response_that_is_read_in_parts: connected(
        "! open 'echo' 60s
           > call req 3 more …
         < call res 3: 01 00 T RAW 00 0000 0001'h'
           * response 3 ok [as=raw] T none in parts
         @ 300ms
         ! write out 3 'x'
           > call req continue 3 more none 'x'
         @ 399ms
         < call res continue 3: 01 00 0001'h'
         @ 399ms
         @ 1ms
           * failed 3 timeout local …"
    ).config(|config| config.stream_idle_timeout = Some(Duration::from_millis(400)));
    s8_stale_after_closes: connected(
        "! call 'echo' 'h' 'body' 1s
           > call req 3 …
         ! call 'echo' 'h' 'body' 1201ms
           > call req 4 …
         @ 1200ms
           * failed 3 timeout local …
         @ 1ms
           * failed 4 timeout local …
           closes: stale: calls timed out and nothing was received"
    ).config(|config| config.stale_after = Some(Duration::from_millis(200)));
    s8_stale_after_may_be_off: connected(
        "! call 'echo' 'h' 'body' 1s
           > call req 3 …
         ! call 'echo' 'h' 'body' 60s
           > call req 4 …
         @ 60s
           * failed 3 timeout local …
           * failed 4 timeout local …"
    ).config(|config| config.stale_after = None);
    s8_health_pings: accepted(
        "@ 999ms
         @ 1ms
           > raw: 0010 d0 00 00000002 {00*8}"
    ).config(|config| {
        config.health = Some(Health {
            interval: Duration::from_secs(1),
            timeout: Duration::from_millis(500),
            failures: count(2),
        });
    });
    s8_frame_size_cuts_smaller_frames: connected(
        "! call 'echo' 'h' {61*40}
           > call req 3 more ttl 3600000 echo [cn=probe as=raw] T none 'echo' 'h' 'aaaaaaaaaaaaaaaaaaaa'
           > call req continue 3 none 'aaaaaaaaaaaaaaaaaaaa'
         ! open {61*57}
           > call req 4 more ttl 3600000 echo [cn=probe as=raw] T none (57) ''"
    ).config(|config| config.frame_size = 100);
    s8_send_cancel_off_sends_none: connected(
        r#"! call 'echo' 'h' 'body'
           > call req 3 CALLED
         ! cancel 3 "dropped"
           * failed 3 cancelled local …
         < call res 3: 00 00 T RAW 00 ANSWER"#
    ).config(|config| config.send_cancel = false);
    s8_honor_cancel_off_serves_on: accepted(
        "< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         < cancel 2: 00000000 T 0007'why not'
         ! stat cancels_requested
           = 1
         ! stat cancels_honored
           = 0
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T none '' 'h' 'body'"
    ).config(|config| config.honor_cancel = false);
    s8_claims_are_events: accepted(
        "< claim 99: 000003e8 T
           * claim T"
    ).config(|config| config.claims = true);
    s8_require_caller_headers_refuses: accepted(
        r#"< call req 2: 00 TTL T 04'echo' 00 00 ARGS
           > error 2 bad request T "…as…""#
    ).config(|config| config.require_caller_headers = true);
    s8_exempt_services_are_served_while_draining: accepted(
        r#"! drain "restart" 30s
           > error none declined - "draining: restart"
         < call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         < call req 3: 00 TTL T 05'other' 00 00 ARGS
           > error 3 declined T "connection draining: restart"
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T none '' 'h' 'body'"#
    ).config(|config| config.exempt_services = vec!["echo".into()]).drains();
}
