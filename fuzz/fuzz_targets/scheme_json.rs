//! Arguments of scheme json.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tchannel_tests::fuzz::scheme_json(data));
