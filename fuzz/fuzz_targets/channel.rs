//! A mesh of channels: nodes, links and what happens to them, from the fuzzer's bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tchannel_tests::fuzz::channel(data));
