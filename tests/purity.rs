//! The core needs no std, runtime, clock or random numbers: shown by what links and by what it depends on.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn cargo(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root()).args(args).output().expect("cargo runs")
}

fn link(features: &[&str]) -> Output {
    let mut args =
        vec!["build", "--manifest-path", "tests/no_std/Cargo.toml", "--target-dir", "target/no_std"];
    args.extend(features);
    cargo(&args)
}

#[test]
fn core_links_without_std_and_not_beside_it() {
    let without = link(&[]);
    assert!(without.status.success(), "{}", String::from_utf8_lossy(&without.stderr));
    let beside = link(&["--features", "std"]);
    let said = String::from_utf8_lossy(&beside.stderr);
    assert!(!beside.status.success(), "std was linked and nothing noticed");
    assert!(said.contains("duplicate lang item") || said.contains("found duplicate"), "{said}");
}

fn dependencies(package: &str) -> Vec<String> {
    let output = cargo(&[
        "tree",
        "-p",
        package,
        "-e",
        "normal",
        "--no-default-features",
        "--prefix",
        "none",
        "--offline",
    ]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("names are text");
    let mut names: Vec<String> =
        text.lines().filter_map(|line| Some(line.split(' ').next()?.to_owned())).collect();
    names.sort();
    names.dedup();
    names
}

/// What the derive of thiserror runs at build time; nothing of it is linked.
const AT_BUILD_TIME: [&str; 5] = ["proc-macro2", "quote", "syn", "thiserror-impl", "unicode-ident"];

fn linked(package: &str) -> Vec<String> {
    dependencies(package).into_iter().filter(|name| !AT_BUILD_TIME.contains(&name.as_str())).collect()
}

#[test]
fn core_depends_on_buffers_errors_and_checksums_only() {
    assert_eq!(linked("tchannel-wire"), ["bytes", "cfg-if", "crc32fast", "tchannel-wire", "thiserror"]);
    assert_eq!(
        linked("tchannel-proto"),
        ["bytes", "cfg-if", "crc32fast", "smallvec", "tchannel-proto", "tchannel-wire", "thiserror"]
    );
    assert_eq!(
        linked("tchannel-mesh"),
        [
            "bytes",
            "cfg-if",
            "crc32fast",
            "smallvec",
            "tchannel-mesh",
            "tchannel-proto",
            "tchannel-wire",
            "thiserror"
        ]
    );
    assert_eq!(
        linked("tchannel-schemes"),
        ["bytes", "cfg-if", "crc32fast", "tchannel-schemes", "tchannel-wire", "thiserror"]
    );
    assert_eq!(
        linked("tchannel-capture"),
        ["bytes", "cfg-if", "crc32fast", "tchannel-capture", "tchannel-wire", "thiserror"]
    );
}

#[test]
fn cassettes_add_yaml_json_and_base64() {
    assert_eq!(
        linked("tchannel-cassette"),
        [
            "arraydeque",
            "bytes",
            "data-encoding",
            "itoa",
            "memchr",
            "saphyr-parser",
            "serde_core",
            "serde_json",
            "tchannel-cassette",
            "thiserror",
            "zmij"
        ]
    );
}
