//! Cassettes: texts that somebody wrote, and recordings of anything.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tchannel_tests::fuzz::cassette(data));
