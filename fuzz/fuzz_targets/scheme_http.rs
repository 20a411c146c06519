//! Request and response lines of scheme http.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tchannel_tests::fuzz::scheme_http(data));
