//! Frames off a stream, in any chunking.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tchannel_tests::fuzz::frame(data));
