//! Machines and links: scenario, chunking and scheduling from the fuzzer's bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tchannel_tests::fuzz::pair(data));
