//! wire.md 7.1: what a chunk means.

use crate::conformance::case::{accepted, cases, connected};

cases! {
    w7_1_rule_1_the_first_chunk_of_a_continuation_belongs_to_the_current_argument: accepted(
        "< call req 2: 01 TTL T ROUTE 00 0004'echo' 0002'he'
           * request 2 HEAD none 2000ms 'echo' in parts
         ! collect in 2
         < call req continue 2: 01 00 0002'ad' 0005'hello'
         < call req continue 2: 00 00 0006' world'
           * whole in 2 'head' 'hello world'"
    );
    // The worked example of section 7.3, all three checksum types.
    w7_1_rule_1_worked_fragments_with_crc32c: accepted(
        "< raw: 0052 03 00 00000002 {00*8} 01 000003e8 1111111111111111 0000000000000000 1111111111111111 00 04'echo'
         < raw: 02 02'cn'04'demo' 02'as'03'raw' 03 4c2d6aa4 0004'echo' 0002'he'
         < raw: 0021 13 00 00000002 {00*8} 01 03 0f23aa00 0002'ad' 0005'hello'
         < raw: 001e 13 00 00000002 {00*8} 00 03 9fefeea0 0006' world'
           * request 2 echo [cn=demo as=raw] 11111111111111110000000000000000111111111111111100 crc32c 1000ms 'echo' in parts
         ! collect in 2
           * whole in 2 'head' 'hello world'"
    );
    w7_1_rule_1_worked_fragments_with_crc32: accepted(
        "< call req 2: 01 TTL T ROUTE 01 1a8c155e 0004'echo' 0002'he'
         < call req continue 2: 01 01 b8b96f52 0002'ad' 0005'hello'
         < call req continue 2: 00 01 bb28a513 0006' world'
           * request 2 HEAD crc32 2000ms 'echo' in parts
         ! collect in 2
           * whole in 2 'head' 'hello world'"
    );
    w7_1_rule_1_worked_fragments_with_farmhash: accepted(
        "< call req 2: 01 TTL T ROUTE 02 5713ee94 0004'echo' 0002'he'
         < call req continue 2: 01 02 79969366 0002'ad' 0005'hello'
         < call req continue 2: 00 02 72504b47 0006' world'
           * request 2 HEAD farmhash 2000ms 'echo' in parts
         ! collect in 2
           * whole in 2 'head' 'hello world'"
    );
    w7_1_rule_1_a_fragmented_response: connected(
        "! call 'echo' 'head' 'hello world'
           > call req 3 …
         < call res 3: 01 00 T RAW 03 b8de1612 0000 0002'he'
         < call res continue 3: 01 03 8e8bca81 0002'ad' 0005'hello'
         < call res continue 3: 00 03 1d89b6f9 0006' world'
           * response 3 ok [as=raw] T crc32c 'head' 'hello world'"
    );
    w7_1_rule_1_arg3_in_three_frames: accepted(
        "< call req 2: 01 TTL T ROUTE 03 8bb7fdbb 0004'echo' 0001'h' 0001'a'
         < call req continue 2: 01 03 f997decb 0001'b'
         < call req continue 2: 00 03 7a1629e6 0001'c'
           * request 2 HEAD crc32c 2000ms 'echo' in parts
         ! collect in 2
           * whole in 2 'h' 'abc'"
    );
    w7_1_rule_2_each_further_chunk_begins_the_next_argument: accepted(
        "< call req 2: 00 TTL T ROUTE 00 0004'echo' 0001'h' 0004'body'
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'"
    );
    w7_1_rule_2_in_a_continuation_too: accepted(
        "< call req 2: 01 TTL T ROUTE 00 0002'ec'
         < call req continue 2: 00 00 0002'ho' 0001'h' 0004'body'
           * request 2 HEAD none 2000ms 'echo' in parts
         ! collect in 2
           * whole in 2 'h' 'body'"
    );
    w7_1_rule_3_the_end_of_a_frame_ends_nothing: accepted(
        "< call req 2: 01 TTL T ROUTE 00 0004'echo'
         < call req continue 2: 01 00 0001'!'
         < call req continue 2: 00 00 0000 0001'h' 0004'body'
           * request 2 echo [as=raw cn=probe] T none 2000ms 'echo!' in parts
         ! collect in 2
           * whole in 2 'h' 'body'"
    );
    w7_1_rule_3_the_last_frame_ends_the_message: accepted(
        "< call req 2: 01 TTL T ROUTE 00 0004'echo' 0001'h' 0004'body'
           * request 2 HEAD none 2000ms 'echo' in parts
         ! collect in 2
         < call req continue 2: 00 00 0000
           * whole in 2 'h' 'body'"
    );
    // The boundary example of section 7.3.
    w7_1_rule_4_an_argument_that_ends_with_its_frame_is_closed_by_an_empty_chunk: accepted(
        "< raw: 0054 03 00 00000002 {00*8} 01 000003e8 T 04'echo' 02 02'cn'04'demo' 02'as'03'raw' 03 04e5418e
         < raw: 0004'echo' 0004'head'
         < raw: 0025 13 00 00000002 {00*8} 00 03 9fefeea0 0000 000b'hello world'
           * request 2 echo [cn=demo as=raw] T crc32c 1000ms 'echo' in parts
         ! collect in 2
           * whole in 2 'head' 'hello world'"
    );
    w7_1_rule_4_in_a_response: connected(
        "! call 'echo' 'head' 'hello world'
           > call req 3 …
         < call res 3: 01 00 T RAW 03 ea7c97e8 0000 0004'head'
         < call res continue 3: 00 03 1d89b6f9 0000 000b'hello world'
           * response 3 ok [as=raw] T crc32c 'head' 'hello world'"
    );
    w7_1_rule_5_fewer_than_three_arguments_are_a_bad_call: accepted(
        r#"< call req 2: 01 TTL T ROUTE 00 0004'echo'
         < call req continue 2: 00 00 0000
           > error 2 bad request T "expected 3 args, got 1""#
    );
    // node's own fragmenter loses arg3 like this.
    w7_1_rule_5_arg3_is_never_invented: accepted(
        r#"< call req 2: 01 TTL T ROUTE 00 0004'echo' 0001'h'
         < call req continue 2: 00 00 0000
           > error 2 bad request T "expected 3 args, got 2"
           * request 2 HEAD none 2000ms 'echo' in parts
           * abandoned 2 bad request"#
    );
    w7_1_rule_6_a_fourth_argument_is_a_bad_call: accepted(
        r#"< call req 2: 01 TTL T ROUTE 00 ARGS
         < call req continue 2: 00 00 0000 0001'x'
           > error 2 bad request T "expected 3 args, got …"
           * request 2 HEAD none 2000ms 'echo' in parts
           * abandoned 2 bad request"#
    );
    // python's fragmenter: arg3 ended as empty at the frame's end, then its bytes in a fourth.
    w7_1_rule_6_while_arg3_is_empty_a_further_chunk_goes_on_with_it: accepted(
        "< call req 2: 01 TTL T ROUTE 00 0004'echo' 0001'h' 0000
         < call req continue 2: 00 00 0000 0004'body'
           * request 2 HEAD none 2000ms 'echo' in parts
         ! stat fragment_quirks
           = 1
         ! collect in 2
           * whole in 2 'h' 'body'"
    );
    w7_1_rule_6_once: accepted(
        r#"< call req 2: 01 TTL T ROUTE 00 0004'echo' 0001'h' 0000
         < call req continue 2: 00 00 0000 0004'body' 0001'x'
           > error 2 bad request T "expected 3 args, got …"
           * request 2 HEAD none 2000ms 'echo' in parts
           * abandoned 2 bad request"#
    );
    w7_1_rule_7_empty_chunks_are_legal_anywhere: accepted(
        "< call req 2: 01 TTL T ROUTE 00 0000
         < call req continue 2: 01 00 0000
         < call req continue 2: 01 00 0004'echo' 0000
         < call req continue 2: 01 00 0000
         < call req continue 2: 01 00 0001'h'
         < call req continue 2: 01 00 0000 0000
         < call req continue 2: 01 00 0000
         < call req continue 2: 01 00 0004'body'
         < call req continue 2: 00 00 0000
           * request 2 HEAD none 2000ms 'echo' in parts
         ! collect in 2
           * whole in 2 'h' 'body'"
    );
    w7_1_rule_7_a_frame_without_a_chunk_is_a_bad_call: accepted(
        r#"< call req 2: 01 TTL T ROUTE 00 0004'echo' 0001'h'
         < call req continue 2: 01 00
         < call req continue 2: 00 00 0000 0004'body'
           > error 2 bad request T "…chunk…"
           * request 2 HEAD none 2000ms 'echo' in parts
           * abandoned 2 bad request"#
    );
    w7_1_rule_8_arg1_is_delivered_only_when_whole: accepted(
        "< call req 2: 01 TTL T ROUTE 00 0001'e'
         < call req continue 2: 01 00 0001'c'
         < call req continue 2: 01 00 0001'h'
         < call req continue 2: 01 00 0001'o'
         @ 1s
         < call req continue 2: 01 00 0000 0000
           * request 2 HEAD none 1000ms 'echo' in parts
         ! collect in 2
         < call req continue 2: 00 00 0001'h' 0004'body'
           * whole in 2 'h' 'body'"
    );
}
