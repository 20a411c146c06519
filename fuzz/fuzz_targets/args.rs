//! Streamed calls and what can be done to them.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tchannel_tests::fuzz::args(data));
