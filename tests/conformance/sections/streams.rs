//! 12: whole and streamed calls.

use crate::conformance::case::{accepted, cases, connected};

cases! {
    s12_the_wire_does_not_tell_a_streamed_call_from_a_whole_one: connected(
        "! hold output
         ! open 'echo'
         ! write out 3 'h'
         ! finish out 3
         ! write out 3 'bo'
         ! write out 3 'dy'
         ! finish out 3
         ! call 'echo' 'h' 'body'
         ! release output
           > call req 3 CALLED
           > call req 4 CALLED"
    );
    s12_nor_a_streamed_reply_from_a_whole_one: accepted(
        "< call req 2: 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 2 HEAD crc32c 2000ms 'echo' 'h' 'body'
         ! hold output
         ! reply 2 ok
         ! write in 2 'h'
         ! finish in 2
         ! write in 2 'body'
         ! finish in 2
         ! release output
           > raw: 0043 04 00 00000002 {00*8} 00 00 T RAW 03 c2b420ca ANSWER"
    );
    s12_the_reader_may_collect_what_comes_in_parts: accepted(
        "< call req 2: 01 TTL T ROUTE 00 0004'echo' 0001'h'
           * request 2 HEAD none 2000ms 'echo' in parts
         ! collect in 2
         < call req continue 2: 01 00 0001'i' 0002'bo'
         < call req continue 2: 00 00 0002'dy'
           * whole in 2 'hi' 'body'
         ! read in 2
           = gone
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''"
    );
    s12_or_read_the_parts_as_they_come: accepted(
        "< call req 2: 01 TTL T ROUTE 00 0004'echo' 0001'h'
           * request 2 HEAD none 2000ms 'echo' in parts
         ! read in 2
           = arg2 'h'
         ! read in 2
           = blocked
         < call req continue 2: 01 00 0001'i' 0002'bo'
           * readable in 2
         ! read in 2
           = arg2 'i'
         ! read in 2
           = arg3 'bo'
         ! read in 2
           = blocked
         < call req continue 2: 00 00 0002'dy'
           * readable in 2
         ! read in 2
           = arg3 'dy'
         ! read in 2
           = done
         ! read in 2
           = done
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''"
    );
    s12_the_first_part_of_arg3_says_that_arg2_is_whole: accepted(
        "< call req 2: 01 TTL T ROUTE 00 0004'echo' 0001'h'
           * request 2 HEAD none 2000ms 'echo' in parts
         ! read in 2
           = arg2 'h'
         < call req continue 2: 01 00 0000 0000
         ! read in 2
           = arg3 ''
         ! read in 2
           = blocked
         < call req continue 2: 00 00 0000
         ! read in 2
           = done
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''"
    );
    s12_a_streamed_call_may_collect_its_response: connected(
        "! open 'echo'
           > call req 3 more …
         < call res 3: 01 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none in parts
         ! collect out 3
         ! hold output
         ! finish out 3
         ! finish out 3
         ! release output
           > call req continue 3 none '' ''
         < call res continue 3: 00 00 0001'!'
           * whole out 3 'h' 'body!'"
    );

    // The end of arg2 leaves at once: the peer may wait for it before it answers.
    s12_write_goes_to_arg3_after_arg2_is_finished_and_then_is_gone: connected(
        "! open 'echo'
           > call req 3 more ttl 3600000 echo [cn=probe as=raw] T none 'echo' ''
         ! write out 3 'h'
           > call req continue 3 more none 'h'
         ! finish out 3
           > call req continue 3 more none '' ''
         ! write out 3 'body'
           > call req continue 3 more none 'body'
         ! finish out 3
           > call req continue 3 none ''
         ! write out 3 'x'
           = gone
         ! finish out 3
           = gone
         < call res 3: 00 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none 'h' 'body'"
    );
    s12_the_first_frame_takes_the_bytes_that_are_there: connected(
        "! hold output
         ! open 'echo'
         ! write out 3 'h'
         ! release output
           > call req 3 more ttl 3600000 echo [cn=probe as=raw] T none 'echo' 'h'"
    );
    s12_bytes_leave_at_the_next_turn_in_frames_as_full_as_can_be: connected(
        "! open 'echo'
           > call req 3 more …
         ! write out 3 'a'
           > call req continue 3 more none 'a'
         ! hold output
         ! write out 3 'b'
         ! write out 3 'c'
         ! write out 3 {64*65514}
         ! write out 3 'e'
         ! release output
           > call req continue 3 more none (65515)
           > call req continue 3 more none 'de'"
    );

    s12_flush_parts_what_was_written_before_from_what_comes_later: connected(
        "! hold output
         ! open 'echo'
         ! write out 3 'a'
         ! flush out 3
         ! write out 3 'b'
         ! write out 3 'c'
         ! flush out 3
         ! write out 3 'd'
         ! release output
           > call req 3 more ttl 3600000 echo [cn=probe as=raw] T none 'echo' 'a'
           > call req continue 3 more none 'bc'
           > call req continue 3 more none 'd'"
    );
    s12_flush_before_any_byte_makes_the_first_frame_go: connected(
        "! hold output
         ! open 'echo'
         ! flush out 3
         ! write out 3 'a'
         ! release output
           > call req 3 more ttl 3600000 echo [cn=probe as=raw] T none 'echo' ''
           > call req continue 3 more none 'a'"
    );
    s12_flush_with_nothing_new_sends_nothing: connected(
        "! open 'echo'
           > call req 3 more …
         ! flush out 3
         ! write out 3 'a'
           > call req continue 3 more none 'a'
         ! flush out 3
         ! flush out 3"
    );
    s12_flush_in_a_reply: accepted(
        "< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         ! hold output
         ! reply 2 ok
         ! flush in 2
         ! write in 2 'h'
         ! flush in 2
         ! finish in 2
         ! write in 2 'body'
         ! finish in 2
         ! release output
           > call res 2 more ok [as=raw] T none '' ''
           > call res continue 2 more none 'h'
           > call res continue 2 none '' 'body'"
    );
    s12_a_reply_sends_its_first_frame_at_once: accepted(
        "< call req 2: 00 TTL T ROUTE 00 ARGS
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         ! reply 2 not-ok
           > call res 2 more code 1 [as=raw] T none '' ''
         @ 10s
         ! hold output
         ! finish in 2
         ! finish in 2
         ! release output
           > call res continue 2 none '' ''"
    );
    s12_a_reply_may_end_before_its_request_does: accepted(
        "< call req 2: 01 TTL T ROUTE 00 0004'echo' 0001'h'
           * request 2 HEAD none 2000ms 'echo' in parts
         ! hold output
         ! reply 2 ok
         ! finish in 2
         ! finish in 2
         ! release output
           > call res 2 ok [as=raw] T none '' '' ''
         < call req continue 2: 00 00 0000 0004'body'"
    );
    s12_a_caller_that_stops_reading_cancels: connected(
        r#"! open 'echo'
           > call req 3 more …
         < call res 3: 01 00 T RAW 00 ANSWER
           * response 3 ok [as=raw] T none in parts
         ! read out 3
           = arg2 'h'
         ! cancel 3 "enough"
           > cancel 3 ttl 3600000 T "enough"
           * failed 3 cancelled local …
         < call res continue 3: 00 00 0001'!'"#
    );
}
