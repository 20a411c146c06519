//! Thrift files, and arguments and answers of what they define.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tchannel_tests::fuzz::idl(data));
