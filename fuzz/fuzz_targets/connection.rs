//! One connection: bytes, moments and calls to its API.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tchannel_tests::fuzz::connection(data));
