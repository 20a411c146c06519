//! Arguments of schemes thrift and sthrift.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tchannel_tests::fuzz::scheme_thrift(data));
