//! The example's code is what the generator writes of its Thrift file.

use std::path::Path;
use std::{env, fs};

use tchannel_idl::Idl;
use tchannel_idl::generate::Generator;

#[test]
fn the_code_of_the_example_is_that_of_its_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../adapters/rpc/examples/keyvalue");
    let text = Generator::new().generate(&Idl::load(folder.join("keyvalue.thrift")).expect("it is sound"));
    let file = folder.join("keyvalue.rs");
    if env::var_os("REVIEW").is_some() {
        fs::write(&file, &text).expect("it can be written");
    }
    let hint = "write it anew by REVIEW=1 cargo test -p tchannel-tests --test idl example";
    assert!(fs::read_to_string(&file).unwrap_or_default() == text, "keyvalue.rs is stale: {hint}");
}
