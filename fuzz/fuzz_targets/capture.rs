//! Captures: files from anywhere, and packets that somebody chose.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tchannel_tests::fuzz::capture(data));
