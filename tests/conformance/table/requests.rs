//! 13.3: call requests, R30 to R50. The bytes are those of the captured hostile frames where there is one.

use crate::conformance::case::{accepted, cases, connected};

cases! {
    r30_checksum_type_4_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T ROUTE 04 00000000 ARGS
           > error 2 bad request T "unknown checksum type 4""#
    );
    r30_checksum_type_255_is_a_bad_call_and_the_rest_is_skipped: accepted(
        r#"< call req 2: 01 TTL T ROUTE ff 00000000 ARGS
           > error 2 bad request T "unknown checksum type 255"
         < call req continue 2: 00 ff 00000000 0001'x'"#
    );
    r31_a_request_without_a_chunk_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T ROUTE 03 00000000
           > error 2 bad request T "…""#
    );
    r31_a_first_frame_without_a_chunk_is_a_bad_call: accepted(
        r#"< call req 2: 01 TTL T ROUTE 03 00000000
           > error 2 bad request T "…"
         < call req continue 2: 00 03 853dcd96 ARGS"#
    );
    r32_two_arguments_are_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T ROUTE 03 3df41bdb 0004'echo' 0001'h'
           > error 2 bad request T "expected 3 args, got 2""#
    );
    r32_one_argument_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 0004'echo'
           > error 2 bad request T "expected 3 args, got 1""#
    );
    r33_four_arguments_are_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS 0001'x'
           > error 2 bad request T "expected 3 args, got …""#
    );
    r33_a_fourth_argument_is_the_third_while_that_is_empty: accepted(
        "< call req 2: 00 TTL T ROUTE 00 0004'echo' 0001'h' 0000 0004'body'
           * request 2 HEAD none 2000ms 'echo' 'h' 'body'
         ! stat fragment_quirks
           = 1
         ! respond 2 ok '' ''
           > call res 2 ok [as=raw] T none '' '' ''"
    );

    r34_a_head_truncated_in_its_headers_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T 04'echo' 02 02'as'03'raw' 02
           > error 2 bad request T "…header…""#
    );
    // Its tracing cannot be told: zeros.
    r34_a_call_req_without_a_body_is_a_bad_call: accepted(
        r#"< call req 3:
           > error 3 bad request - "…""#
    );
    r34_a_chunk_longer_than_the_frame_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 0004'echo' 0001'h' ffff
           > error 2 bad request T "…chunk…""#
    );
    r34_one_spare_byte_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 ARGS 00
           > error 2 bad request T "…chunk…""#
    );
    r34_a_service_longer_than_the_frame_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T ff'echo'
           > error 2 bad request T "…service…""#
    );
    r34_a_missing_checksum_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T ROUTE 03 0102
           > error 2 bad request T "…checksum…""#
    );

    r35_a_bad_checksum_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T ROUTE 03 deadbeef ARGS
           > error 2 bad request T "invalid checksum (type 3) expected: 3735928559 actual: 2235420054""#
    );
    r35_a_bad_crc32_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T ROUTE 01 deadbeef ARGS
           > error 2 bad request T "invalid checksum (type 1) expected: 3735928559 actual: 3167494194""#
    );
    r35_the_rest_of_the_message_is_skipped: accepted(
        r#"< call req 2: 01 TTL T ROUTE 03 deadbeef 0004'echo' 0001'h' 0002'bo'
         < call req continue 2: 01 03 853dcd96 0001'd'
         < call req continue 2: 00 03 853dcd96 0001'y'
           > error 2 bad request T "invalid checksum (type 3) expected: 3735928559 actual: 1918384769""#
    );
    r36_a_bad_checksum_in_a_continuation_is_a_bad_call_once: accepted(
        r#"< call req 2: 01 TTL T ROUTE 03 72583a81 0004'echo' 0001'h' 0002'bo'
           * request 2 HEAD crc32c 2000ms 'echo' in parts
         ! read in 2
           = arg2 'h'
         ! read in 2
           = arg3 'bo'
         ! read in 2
           = blocked
         < call req continue 2: 01 03 deadbeef 0001'd'
         < call req continue 2: 00 03 853dcd96 0001'y'
           > error 2 bad request T "invalid checksum (type 3) expected: 3735928559 actual: …"
           * abandoned 2 bad request
         ! read in 2
           = gone
         ! respond 2 ok '' ''
           = gone"#
    );
    r37_a_change_of_the_checksum_type_is_a_bad_call: accepted(
        r#"< call req 2: 01 TTL T ROUTE 03 72583a81 0004'echo' 0001'h' 0002'bo'
         < call req continue 2: 00 01 699175c4 0002'dy'
           > error 2 bad request T "checksum type changed"
           * request 2 HEAD crc32c 2000ms 'echo' in parts
           * abandoned 2 bad request"#
    );
    r37_an_unknown_type_in_a_continuation_is_a_bad_call: accepted(
        r#"< call req 2: 01 TTL T ROUTE 03 72583a81 0004'echo' 0001'h' 0002'bo'
         < call req continue 2: 00 07 699175c4 0002'dy'
           > error 2 bad request T "unknown checksum type 7"
           * request 2 HEAD crc32c 2000ms 'echo' in parts
           * abandoned 2 bad request"#
    );
    r38_farmhash_is_verified_by_its_last_chunk_and_answered_with_crc32c: accepted(
        "< call req 2: 00 TTL T ROUTE 02 8f2a367c ARGS
           * request 2 HEAD farmhash 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > raw: 0043 04 00 00000002 {00*8} 00 00 T RAW 03 c2b420ca ANSWER"
    );
    r38_a_bad_farmhash_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T ROUTE 02 8f2a367d ARGS
           > error 2 bad request T "invalid checksum (type 2) expected: 2401908349 actual: 2401908348""#
    );

    r39_ttl_0_with_a_whole_request_is_a_bad_call: accepted(
        r#"< call req 2: 00 00000000 T ROUTE 03 853dcd96 ARGS
           > error 2 bad request T "ttl must be greater than 0""#
    );
    // python says ttl 0 with every streamed request, also with one that is over in one frame: its users would be refused.
    r39_except_from_python_which_streams_without_ttl: accepted(
        "< call req 2: 00 00000000 T ROUTE 03 853dcd96 ARGS
           * request 2 HEAD crc32c 600000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    ).peer(Some("python"));
    r40_ttl_0_with_a_fragmented_request_is_served_under_max_ttl: accepted(
        "< call req 2: 01 00000000 T ROUTE 03 72583a81 0004'echo' 0001'h' 0002'bo'
           * request 2 HEAD crc32c 600000ms 'echo' in parts
         ! collect in 2
         < call req continue 2: 00 03 853dcd96 0002'dy'
           * whole in 2 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    );
    r41_ttl_ffffffff_is_served_clamped: accepted(
        "< call req 2: 00 ffffffff T ROUTE 03 853dcd96 ARGS
           * request 2 HEAD crc32c 600000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    );

    r42_an_empty_service_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T 00 02 02'as'03'raw' 02'cn'05'probe' 03 853dcd96 ARGS
           > error 2 bad request T "no service name given""#
    );
    // Offsets are right up to a length that a signed byte would turn negative.
    r42_a_service_of_255_bytes_is_served: accepted(
        "< call req 2: 00 TTL T ff{73*255} 02 02'as'03'raw' 02'cn'05'probe' 03 853dcd96 ARGS
           * request 2 sss…sss [as=raw cn=probe] T crc32c 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    );
    r43_a_service_that_is_not_utf8_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T 04 6563fffe 02 02'as'03'raw' 02'cn'05'probe' 03 853dcd96 ARGS
           > error 2 bad request T "…service…not UTF-8…""#
    );
    r43_a_header_key_that_is_not_utf8_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T 04'echo' 02 02'as'03'raw' 02 fffe 05'probe' 03 853dcd96 ARGS
           > error 2 bad request T "…header key…not UTF-8…""#
    );
    r43_a_header_value_that_is_not_utf8_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T 04'echo' 02 02'as'03'raw' 02'cn'01 ff 03 853dcd96 ARGS
           > error 2 bad request T "…header value…not UTF-8…""#
    );
    // Arguments are bytes: an endpoint need not be text.
    r43_an_endpoint_that_is_not_utf8_is_served: accepted(
        "< call req 2: 00 TTL T ROUTE 03 0d948303 0002 fffe 0000 0000
           * request 2 HEAD crc32c 2000ms (2) '' ''
         ! respond 2 not-ok '' ''
           > call res 2 code 1 [as=raw] T crc32c '' '' ''"
    );

    r46_a_request_without_as_is_served_as_raw: accepted(
        "< call req 2: 00 TTL T 04'echo' 01 02'cn'05'probe' 03 853dcd96 ARGS
           * request 2 echo [cn=probe] T crc32c 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    );
    r46_a_request_without_headers_is_served_as_raw: accepted(
        "< call req 2: 00 TTL T 04'echo' 00 03 853dcd96 ARGS
           * request 2 echo [] T crc32c 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    );
    r46_without_as_is_a_bad_call_if_the_option_says_so: accepted(
        r#"< call req 2: 00 TTL T 04'echo' 01 02'cn'05'probe' 03 853dcd96 ARGS
           > error 2 bad request T "…as…""#
    ).config(|config| config.require_caller_headers = true);
    r46_without_cn_is_a_bad_call_if_the_option_says_so: accepted(
        r#"< call req 2: 00 TTL T 04'echo' 01 02'as'03'raw' 03 853dcd96 ARGS
           > error 2 bad request T "…cn…""#
    ).config(|config| config.require_caller_headers = true);
    r46_the_answer_carries_the_as_of_the_request: accepted(
        "< call req 2: 00 TTL T 04'echo' 02 02'as'03'zzz' 02'cn'05'probe' 03 853dcd96 ARGS
           * request 2 echo [as=zzz cn=probe] T crc32c 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=zzz] T crc32c '' 'h' 'body'"
    );

    r47_a_duplicate_key_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T 04'echo' 03 02'as'03'raw' 02'cn'05'probe' 02'cn'05'again' 03 853dcd96 ARGS
           > error 2 bad request T "…header key…twice…""#
    );
    r47_an_empty_key_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T 04'echo' 03 02'as'03'raw' 02'cn'05'probe' 00 01'v' 03 853dcd96 ARGS
           > error 2 bad request T "…header key…empty…""#
    );
    r47_a_key_of_17_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T 04'echo' 03 02'as'03'raw' 02'cn'05'probe' 11{6b*17} 01'v' 03 853dcd96 ARGS
           > error 2 bad request T "…header key…""#
    );
    r47_129_headers_are_a_bad_call: accepted(format!(
        r#"< call req 2: 00 TTL T 04'echo' 81 02'as'03'raw' 02'cn'05'probe' {} 03 853dcd96 ARGS
           > error 2 bad request T "…header count…""#,
        headers(127)
    ));
    r47_128_headers_are_served: accepted(format!(
        "< call req 2: 00 TTL T 04'echo' 80 02'as'03'raw' 02'cn'05'probe' {} 03 853dcd96 ARGS
           * request 2 echo [as=raw cn=probe k000= … k125=] T crc32c 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'",
        headers(126)
    ));
    r48_a_key_of_16_is_served: accepted(
        "< call req 2: 00 TTL T 04'echo' 03 02'as'03'raw' 02'cn'05'probe' 10{6b*16} 01'v' 03 853dcd96 ARGS
           * request 2 echo [as=raw cn=probe kkkkkkkkkkkkkkkk=v] T crc32c 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    );
    r49_an_unknown_key_is_passed_through: accepted(
        "< call req 2: 00 TTL T 04'echo' 03 02'as'03'raw' 02'cn'05'probe' 02'zz' 03'top' 03 853dcd96 ARGS
           * request 2 echo [as=raw cn=probe zz=top] T crc32c 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    );
    r49_an_empty_value_and_one_of_255_are_served: accepted(
        "< call req 2: 00 TTL T 04'echo' 04 02'as'03'raw' 02'cn'05'probe' 02'sk'00 02'zz' ff{76*255} 00 ARGS
           * request 2 echo [as=raw cn=probe sk= zz=vvv…vvv] T none 2000ms 'echo' 'h' 'body'
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T none '' 'h' 'body'"
    );

    r50_arg1_of_16384_is_served: accepted(
        "< call req 2: 00 TTL T ROUTE 03 da2d874c 4000{65*16384} 0000 0000
           * request 2 HEAD crc32c 2000ms (16384) '' ''
         ! respond 2 ok 'h' 'body'
           > call res 2 ok [as=raw] T crc32c '' 'h' 'body'"
    );
    r50_arg1_of_16385_is_a_bad_call: accepted(
        r#"< call req 2: 00 TTL T ROUTE 00 4001{41*16385} 0000 0000
           > error 2 bad request T "arg1 length 16385 is larger than the limit 16384""#
    );
    r50_arg1_that_grows_past_16384_is_a_bad_call: connected(
        r#"< call req 2: 01 TTL T ROUTE 00 2710{41*10000}
         < call req continue 2: 01 00 18f1{41*6385}
         < call req continue 2: 00 00 0001'A' 0000 0000
           > error 2 bad request T "arg1 length 16385 is larger than the limit 16384""#
    );
}

/// So many headers, all different, with empty values.
fn headers(count: usize) -> String {
    let headers: Vec<_> = (0..count).map(|at| format!("04'k{at:03}' 00")).collect();
    headers.join(" ")
}
