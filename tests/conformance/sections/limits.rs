//! 8: limits of calls and bytes. A case is named after the field of the configuration that it shows to reach the core.

use std::time::Duration;

use crate::conformance::case::{accepted, cases, connected, count, size};

cases! {
    s8_max_incoming_calls_answers_busy: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
         < call req 3: 00 TTL T ROUTE 00 ARGS
           > error 3 busy T "too many calls"
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'"#
    ).alone().config(|config| config.max_incoming_calls = count(1));
    s8_max_outgoing_calls_refuses: connected(
        "! call 'echo' 'h' 'body'
           > call req 2 CALLED
         ! call 'echo' 'h' 'body'
           = full max_outgoing_calls 1
         ! open 'echo'
           = full max_outgoing_calls 1
         < call res 2: 00 00 T RAW 00 ANSWER
           * response 2 ok [as=raw] T none 'h' 'body'
         ! open 'echo'
           > call req 3 more …"
    ).alone().config(|config| config.max_outgoing_calls = count(1));
    s8_max_outgoing_calls_counts_calls_made_while_opening: connected(
        "! call 'echo' 'h' 'body'
           > init req 1 …
         ! call 'echo' 'h' 'body'
           = full max_outgoing_calls 1"
    ).alone().bare().config(|config| config.max_outgoing_calls = count(1));

    s8_max_message_holds_for_requests_in_one_frame: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 0004'echo' 0004'head' 0008{61*8}
           * request 2 HEAD none 2000ms 'echo' 'head' 'aaaaaaaa'
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''
         < call req 3: 00 TTL T ROUTE 00 0004'echo' 0004'head' 0009{61*9}
           > error 3 bad request T "message too large""#
    ).config(|config| config.max_message = size(16));
    s8_max_message_holds_for_collected_responses: connected(
        "! call 'echo' '' ''
           > call req 3 …
         < call res 3: 01 00 T RAW 00 0000 0004'head' 0008{61*8}
         < call res continue 3: 00 00 0005{61*5}
           * failed 3 bad request local …
         ! call 'echo' '' ''
           > call req 4 …
         < call res 4: 01 00 T RAW 00 0000 0004'head' 0008{61*8}
         < call res continue 4: 00 00 0004{61*4}
           * response 4 ok [as=raw] T none 'head' 'aaaaaaaaaaaa'"
    ).config(|config| config.max_message = size(16));
    s8_max_message_holds_for_what_is_sent: accepted(
        "! call 'echo' 'head' {61*9}
           = too large 17 16
         ! call 'echo' 'head' {61*8}
           > call req 2 …"
    ).config(|config| config.max_message = size(16));
    s8_max_message_does_not_hold_for_messages_read_in_parts: accepted(
        "< call req 2: 01 TTL T ROUTE 00 0004'echo' 0004'head' 0008{61*8}
           * request 2 HEAD none 2000ms 'echo' in parts
         ! read in 2
           = arg2 'head'
         ! read in 2
           = arg3 'aaaaaaaa'
         < call req continue 2: 00 00 0010{61*16}
         ! read in 2
           = arg3 'aaaaaaaaaaaaaaaa'
         ! read in 2
           = done
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''"
    ).config(|config| config.max_message = size(16));

    s8_max_held_ends_the_peers_call_that_went_over_it: accepted(
        r#"< call req 2: 01 TTL T ROUTE 00 0004'echo' 0000 0320{61*800}
           * request 2 HEAD none 2000ms 'echo' in parts
         ! collect in 2
         < call req 3: 01 TTL T ROUTE 00 0004'echo' 0000 0190{61*400}
           * request 3 HEAD none 2000ms 'echo' in parts
         ! collect in 3
         < call req continue 3: 01 00 0258{61*600}
           > error 3 busy T "…"
           * abandoned 3 busy
         < call req continue 2: 00 00 0004'body'
           * whole in 2 '' (804)
         ! held
           = 0
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''"#
    ).config(|config| config.max_held = size(1_700));
    s8_max_held_ends_our_call_that_went_over_it: connected(
        "! call 'echo' '' ''
           > call req 3 …
         < call res 3: 01 00 T RAW 00 0000 0000 0320{61*800}
         < call res continue 3: 01 00 0320{61*800}
           * failed 3 cancelled local …
         ! held
           = 0"
    ).config(|config| {
        config.max_held = size(1_500);
    });

    // Each part counts 64 bytes of bookkeeping beside its own.
    s8_unread_high_shuts_the_gate_until_half_is_read: accepted(
        "< call req 2: 01 TTL T ROUTE 00 0004'echo' 0000 4000{61*16384}
         < call req continue 2: 01 00 4000{62*16384}
         < call req continue 2: 01 00 4000{63*16384}
         < call req continue 2: 01 00 0001'c'
           * request 2 HEAD none 2000ms 'echo' in parts
         ! gate
           = shut
         ! read in 2
           = arg3 (16384)
         ! gate
           = shut
         ! read in 2
           = arg3 (16384)
         ! gate
           = open
         ! read in 2
           = arg3 (16384)
         ! read in 2
           = arg3 'c'
         ! read in 2
           = blocked"
    ).config(|config| config.unread_high = size(40_000));
    // What is collected does not count.
    s8_unread_high_total_counts_all_streamed_calls: accepted(
        "< call req 2: 01 TTL T ROUTE 00 0004'echo' 0001'h' 0040{61*64}
           * request 2 HEAD none 2000ms 'echo' in parts
         ! gate
           = open
         < call req 3: 01 TTL T ROUTE 00 0004'echo' 0001'h' 0040{61*64}
           * request 3 HEAD none 2000ms 'echo' in parts
         ! gate
           = shut
         ! collect in 3
         ! gate
           = shut
         ! read in 2
           = arg2 'h'
         ! gate
           = open"
    ).config(|config| config.unread_high_total = size(300));
    s8_stall_timeout_ends_the_call_with_most_unread_bytes: accepted(
        r#"< call req 2: 01 TTL T ROUTE 00 0004'echo' 0001'h' 0010{61*16}
         < call req 3: 01 TTL T ROUTE 00 0004'echo' 0001'h' 0080{61*128}
           * request 2 HEAD none 2000ms 'echo' in parts
           * request 3 HEAD none 2000ms 'echo' in parts
         ! timer
           = 300ms
         @ 299ms
         @ 1ms
           > error 3 busy T "…"
           * abandoned 3 busy
         ! gate
           = open"#
    ).config(|config| {
        config.unread_high = size(200);
        config.stall_timeout = Duration::from_millis(300);
    });
    s8_stall_timeout_ends_a_call_of_ours_as_cancelled: connected(
        "! open 'echo'
           > call req 3 more …
         < call res 3: 01 00 T RAW 00 0000 0001'h' 0080{61*128}
           * response 3 ok [as=raw] T none in parts
         @ 300ms
           * failed 3 cancelled local …
         ! gate
           = open"
    ).config(|config| {
        config.unread_high = size(100);
        config.stall_timeout = Duration::from_millis(300);
    });
    s8_stall_timeout_begins_again_with_each_read: accepted(
        "< call req 2: 01 TTL T ROUTE 00 0004'echo' 0001'h' 0080{61*128}
         < call req continue 2: 01 00 0080{61*128}
           * request 2 HEAD none 2000ms 'echo' in parts
         @ 200ms
         ! read in 2
           = arg2 'h'
         @ 200ms
         ! gate
           = shut"
    ).alone().config(|config| {
        config.unread_high = size(100);
        config.stall_timeout = Duration::from_millis(300);
    });
    s8_max_events_shuts_the_gate_until_they_are_taken: accepted(
        "! hold events
         <*6 call req 50+: 00 TTL T ROUTE 00 ARGS
         ! gate
           = shut
         ! left over
           = 84
         ! release events
           * request 50 HEAD none 2000ms 'echo' 'h' 'body'
           * request 51 HEAD none 2000ms 'echo' 'h' 'body'
           * request 52 HEAD none 2000ms 'echo' 'h' 'body'
           * request 53 HEAD none 2000ms 'echo' 'h' 'body'
           * request 54 HEAD none 2000ms 'echo' 'h' 'body'
           * request 55 HEAD none 2000ms 'echo' 'h' 'body'"
    ).config(|config| config.max_events = size(4));

    s8_unsent_high_blocks_a_stream_until_bytes_have_left: connected(
        "! open 'echo'
           > call req 3 more …
         ! hold output
         ! write out 3 {61*16}
         ! write out 3 'more'
           = blocked 'more'
         ! release output
           > call req continue 3 more none 'aaaaaaaaaaaaaaaa'
           * writable out 3
         ! write out 3 'more'
           > call req continue 3 more none 'more'"
    ).config(|config| config.unsent_high = size(16));
    s8_max_unsent_refuses_new_calls: connected(
        "! hold output
         ! call 'echo' '' {61*80}
         ! call 'echo' '' {61*30}
           = full max_unsent 100
         ! release output
           > call req 3 …
         ! call 'echo' '' {61*30}
           > call req 4 …"
    ).config(|config| config.max_unsent = size(100));
    s8_max_unsent_blocks_streams: connected(
        "! open 'echo'
           > call req 3 more …
         ! hold output
         ! write out 3 {61*100}
         ! write out 3 'more'
           = blocked 'more'
         ! release output
           > call req continue 3 more none (100)
           * writable out 3"
    ).config(|config| config.max_unsent = size(100));
    s8_max_unsent_drops_a_whole_answer: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         ! hold output
         ! respond 2 ok '' {61*101}
         ! release output
           > error 2 busy T "too many unsent bytes""#
    ).config(|config| config.max_unsent = size(100));
    s8_write_stall_timeout_closes: connected(
        "! hold output
         ! call 'echo' 'h' 'body'
         @ 1999ms
         @ 1ms
           * failed 3 network local …
           closes: stalled: the peer reads nothing
         ! release output"
    ).config(|config| config.write_stall_timeout = Some(Duration::from_secs(2)));
    s8_write_stall_timeout_begins_again_when_bytes_are_taken: connected(
        "! hold output
         ! call 'echo' 'h' 'body'
         @ 1999ms
         ! release output
           > call req 3 …
         ! hold output
         ! call 'echo' 'h' 'body'
         @ 1999ms
         ! release output
           > call req 4 …
         @ 60s"
    ).config(|config| config.write_stall_timeout = Some(Duration::from_secs(2)));
    s8_max_transmit_bounds_what_one_poll_gives: connected(
        "! call 'echo' '' {61*200000}
           > call req 3 more …
           > call req continue 3 more …
           > call req continue 3 more …
           > call req continue 3 …
         ! longest
           = 65535"
    ).config(|config| config.max_transmit = size(1));
}
