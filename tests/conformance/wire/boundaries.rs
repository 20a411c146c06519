//! wire.md 7.2: arguments that end near the end of a frame.
//!
//! With the head of the worked example (service echo, cn=demo, as=raw, crc32c, arg1 echo) the first frame of a request
//! has 65,457 bytes after arg1's chunk, so arg2 may hold 65,455 in it; a continuation has room for one chunk of 65,511.
//! The first frame of a response has 65,477 bytes after arg1's chunk. `left`: bytes still free after the argument.

use crate::conformance::case::{Case, accepted, cases, connected};

/// A call with these arg2 and arg3; then what is sent.
fn call(arg2: &str, arg3: &str, sent: &str) -> Case {
    connected(format!("! call 'echo' {arg2} {arg3} crc32c demo\n{sent}"))
}

/// A request, answered with these arg2 and arg3; then what is sent.
fn answer(arg2: &str, arg3: &str, sent: &str) -> Case {
    accepted(format!(
        "< call req 2: 00 TTL T ROUTE 03 853dcd96 ARGS
           * request 2 …
         ! respond 2 ok {arg2} {arg3}
         {sent}"
    ))
}

cases! {
    w7_2_arg2_leaves_0_bytes: call("{61*65455}", "'hello world'",
        "> size 65535 call req 3 more … crc32c 'echo' (65455)
         > size 37 call req continue 3 crc32c '' 'hello world'");
    w7_2_arg2_leaves_1_byte: call("{61*65454}", "'hello world'",
        "> size 65534 call req 3 more … crc32c 'echo' (65454)
         > size 37 call req continue 3 crc32c '' 'hello world'");
    w7_2_arg2_leaves_2_bytes: call("{61*65453}", "'hello world'",
        "> size 65533 call req 3 more … crc32c 'echo' (65453)
         > size 37 call req continue 3 crc32c '' 'hello world'");
    w7_2_arg2_leaves_3_bytes: call("{61*65452}", "'hello world'",
        "> size 65535 call req 3 more … crc32c 'echo' (65452) 'h'
         > size 34 call req continue 3 crc32c 'ello world'");
    w7_2_arg2_leaves_4_bytes: call("{61*65451}", "'hello world'",
        "> size 65535 call req 3 more … crc32c 'echo' (65451) 'he'
         > size 33 call req continue 3 crc32c 'llo world'");
    w7_2_arg2_is_1_byte_too_long: call("{61*65456}", "'hello world'",
        "> size 65535 call req 3 more … crc32c 'echo' (65455)
         > size 38 call req continue 3 crc32c 'a' 'hello world'");

    w7_2_arg2_leaves_0_bytes_to_an_empty_arg3: call("{61*65455}", "''",
        "> size 65535 call req 3 more … crc32c 'echo' (65455)
         > size 26 call req continue 3 crc32c '' ''");
    w7_2_arg2_leaves_1_byte_to_an_empty_arg3: call("{61*65454}", "''",
        "> size 65534 call req 3 more … crc32c 'echo' (65454)
         > size 26 call req continue 3 crc32c '' ''");
    w7_2_arg2_leaves_2_bytes_to_an_empty_arg3: call("{61*65453}", "''",
        "> size 65535 call req 3 ttl … crc32c 'echo' (65453) ''");
    w7_2_arg2_leaves_3_bytes_to_an_empty_arg3: call("{61*65452}", "''",
        "> size 65534 call req 3 ttl … crc32c 'echo' (65452) ''");
    w7_2_arg2_leaves_4_bytes_to_an_empty_arg3: call("{61*65451}", "''",
        "> size 65533 call req 3 ttl … crc32c 'echo' (65451) ''");
    w7_2_arg2_leaves_2_bytes_to_an_arg3_of_1: call("{61*65453}", "'x'",
        "> size 65533 call req 3 more … crc32c 'echo' (65453)
         > size 27 call req continue 3 crc32c '' 'x'");
    w7_2_arg2_leaves_3_bytes_to_an_arg3_of_1: call("{61*65452}", "'x'",
        "> size 65535 call req 3 ttl … crc32c 'echo' (65452) 'x'");
    w7_2_arg2_leaves_4_bytes_to_an_arg3_of_1: call("{61*65451}", "'x'",
        "> size 65534 call req 3 ttl … crc32c 'echo' (65451) 'x'");

    w7_2_arg2_leaves_0_bytes_in_a_continuation: call("{61*130966}", "'hello world'",
        "> size 65535 call req 3 more … crc32c 'echo' (65455)
         > size 65535 call req continue 3 more crc32c (65511)
         > size 37 call req continue 3 crc32c '' 'hello world'");
    w7_2_arg2_leaves_1_byte_in_a_continuation: call("{61*130965}", "'hello world'",
        "> size 65535 call req 3 more … crc32c 'echo' (65455)
         > size 65534 call req continue 3 more crc32c (65510)
         > size 37 call req continue 3 crc32c '' 'hello world'");
    w7_2_arg2_leaves_2_bytes_in_a_continuation: call("{61*130964}", "'hello world'",
        "> size 65535 call req 3 more … crc32c 'echo' (65455)
         > size 65533 call req continue 3 more crc32c (65509)
         > size 37 call req continue 3 crc32c '' 'hello world'");
    w7_2_arg2_leaves_3_bytes_in_a_continuation: call("{61*130963}", "'hello world'",
        "> size 65535 call req 3 more … crc32c 'echo' (65455)
         > size 65535 call req continue 3 more crc32c (65508) 'h'
         > size 34 call req continue 3 crc32c 'ello world'");
    w7_2_arg2_leaves_4_bytes_in_a_continuation: call("{61*130962}", "'hello world'",
        "> size 65535 call req 3 more … crc32c 'echo' (65455)
         > size 65535 call req continue 3 more crc32c (65507) 'he'
         > size 33 call req continue 3 crc32c 'llo world'");

    w7_2_arg3_leaves_0_bytes: call("'head'", "{61*65449}",
        "> size 65535 call req 3 ttl … crc32c 'echo' 'head' (65449)");
    w7_2_arg3_leaves_1_byte: call("'head'", "{61*65448}",
        "> size 65534 call req 3 ttl … crc32c 'echo' 'head' (65448)");
    w7_2_arg3_leaves_2_bytes: call("'head'", "{61*65447}",
        "> size 65533 call req 3 ttl … crc32c 'echo' 'head' (65447)");
    w7_2_arg3_leaves_3_bytes: call("'head'", "{61*65446}",
        "> size 65532 call req 3 ttl … crc32c 'echo' 'head' (65446)");
    w7_2_arg3_leaves_4_bytes: call("'head'", "{61*65445}",
        "> size 65531 call req 3 ttl … crc32c 'echo' 'head' (65445)");
    w7_2_arg3_is_1_byte_too_long: call("'head'", "{61*65450}",
        "> size 65535 call req 3 more … crc32c 'echo' 'head' (65449)
         > size 25 call req continue 3 crc32c 'a'");
    w7_2_arg3_leaves_0_bytes_in_a_continuation: call("'head'", "{61*130960}",
        "> size 65535 call req 3 more … crc32c 'echo' 'head' (65449)
         > size 65535 call req continue 3 crc32c (65511)");
    w7_2_arg3_leaves_1_byte_in_a_continuation: call("'head'", "{61*130959}",
        "> size 65535 call req 3 more … crc32c 'echo' 'head' (65449)
         > size 65534 call req continue 3 crc32c (65510)");
    w7_2_arg3_leaves_2_bytes_in_a_continuation: call("'head'", "{61*130958}",
        "> size 65535 call req 3 more … crc32c 'echo' 'head' (65449)
         > size 65533 call req continue 3 crc32c (65509)");
    w7_2_arg3_leaves_3_bytes_in_a_continuation: call("'head'", "{61*130957}",
        "> size 65535 call req 3 more … crc32c 'echo' 'head' (65449)
         > size 65532 call req continue 3 crc32c (65508)");
    w7_2_arg3_leaves_4_bytes_in_a_continuation: call("'head'", "{61*130956}",
        "> size 65535 call req 3 more … crc32c 'echo' 'head' (65449)
         > size 65531 call req continue 3 crc32c (65507)");

    w7_2_arg2_of_a_response_leaves_0_bytes: answer("{61*65475}", "'hello world'",
        "> size 65535 call res 2 more ok [as=raw] T crc32c '' (65475)
         > size 37 call res continue 2 crc32c '' 'hello world'");
    w7_2_arg2_of_a_response_leaves_1_byte: answer("{61*65474}", "'hello world'",
        "> size 65534 call res 2 more ok [as=raw] T crc32c '' (65474)
         > size 37 call res continue 2 crc32c '' 'hello world'");
    w7_2_arg2_of_a_response_leaves_2_bytes: answer("{61*65473}", "'hello world'",
        "> size 65533 call res 2 more ok [as=raw] T crc32c '' (65473)
         > size 37 call res continue 2 crc32c '' 'hello world'");
    w7_2_arg2_of_a_response_leaves_3_bytes: answer("{61*65472}", "'hello world'",
        "> size 65535 call res 2 more ok [as=raw] T crc32c '' (65472) 'h'
         > size 34 call res continue 2 crc32c 'ello world'");
    w7_2_arg2_of_a_response_leaves_4_bytes: answer("{61*65471}", "'hello world'",
        "> size 65535 call res 2 more ok [as=raw] T crc32c '' (65471) 'he'
         > size 33 call res continue 2 crc32c 'llo world'");
    w7_2_arg3_of_a_response_leaves_0_bytes: answer("'h'", "{61*65472}",
        "> size 65535 call res 2 ok [as=raw] T crc32c '' 'h' (65472)");
    w7_2_arg3_of_a_response_leaves_1_byte: answer("'h'", "{61*65471}",
        "> size 65534 call res 2 ok [as=raw] T crc32c '' 'h' (65471)");
    w7_2_arg3_of_a_response_leaves_2_bytes: answer("'h'", "{61*65470}",
        "> size 65533 call res 2 ok [as=raw] T crc32c '' 'h' (65470)");
    w7_2_arg3_of_a_response_leaves_3_bytes: answer("'h'", "{61*65469}",
        "> size 65532 call res 2 ok [as=raw] T crc32c '' 'h' (65469)");
    w7_2_arg3_of_a_response_leaves_4_bytes: answer("'h'", "{61*65468}",
        "> size 65531 call res 2 ok [as=raw] T crc32c '' 'h' (65468)");

    w7_2_a_stream_leaves_0_bytes_after_arg2: connected(
        "! hold output
         ! open 'echo' crc32c demo
         ! write out 3 {61*65455}
         ! finish out 3
         ! write out 3 'hello world'
         ! finish out 3
         ! release output
           > size 65535 call req 3 more … crc32c 'echo' (65455)
           > size 37 call req continue 3 crc32c '' 'hello world'"
    );
    w7_2_a_stream_leaves_2_bytes_after_arg2: connected(
        "! hold output
         ! open 'echo' crc32c demo
         ! write out 3 {61*65453}
         ! finish out 3
         ! write out 3 'hello world'
         ! release output
           > size 65533 call req 3 more … crc32c 'echo' (65453)
           > size 37 call req continue 3 more crc32c '' 'hello world'
         ! finish out 3
           > size 24 call req continue 3 crc32c ''"
    );
    w7_2_a_stream_leaves_3_bytes_after_arg2: connected(
        "! hold output
         ! open 'echo' crc32c demo
         ! write out 3 {61*65452}
         ! finish out 3
         ! write out 3 'hello world'
         ! finish out 3
         ! release output
           > size 65535 call req 3 more … crc32c 'echo' (65452) 'h'
           > size 34 call req continue 3 crc32c 'ello world'"
    );
}
