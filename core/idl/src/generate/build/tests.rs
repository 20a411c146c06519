use std::path::Path;
use std::{env, fs, process};

use super::{BuildError, Generator};

/// The golden text does without the adapter.
fn against_schemes() -> Generator {
    Generator::new().thrift_path("tchannel_schemes::thrift")
}

#[test]
fn source_is_written_and_cargo_told_of_every_file() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let directory = env::temp_dir().join(format!("tchannel-idl-{}", process::id()));
    fs::create_dir_all(&directory).unwrap();
    let mut orders = Vec::new();
    let out = against_schemes().build_to(&golden.join("guide.thrift"), &directory, &mut orders);
    assert_eq!(out.unwrap(), directory.join("guide.rs"));
    let (written, reviewed) = (fs::read(directory.join("guide.rs")), fs::read(golden.join("guide.rs")));
    assert!(written.unwrap() == reviewed.unwrap(), "another text than the reviewed one");
    let golden = golden.display();
    let expected = format!(
        "cargo::rerun-if-changed={golden}/guide.thrift\ncargo::rerun-if-changed={golden}/shared.thrift\n"
    );
    assert_eq!(String::from_utf8(orders).unwrap(), expected);
    fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn a_broken_file_and_a_missing_directory_are_told_apart() {
    let build = |path: &str, directory: &str| {
        Generator::new().build_to(Path::new(path), Path::new(directory), &mut Vec::new()).unwrap_err()
    };
    assert!(matches!(build("no/such.thrift", "."), BuildError::Idl(_)));
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/shared.thrift");
    let error = build(golden, "no/such");
    assert!(error.to_string().starts_with("cannot write no/such/shared.rs: "), "{error}");
}
