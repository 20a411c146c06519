//! Generated code compiles without a warning, and gives the same bytes as JSON-shaped values do.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tchannel_idl::Idl;
use tchannel_idl::generate::Generator;
use tchannel_idl::model::Item;

use super::files::sound;
use super::sample;

/// A service for the file, with a method that takes each of its structs: by it, their types are reached.
const PROBE: &str = "TchannelProbe";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The IDL of a file, with the probe.
fn probed(file: &Path) -> Idl {
    let known = Idl::load(file).expect("it is sound");
    let known = known.definitions();
    let structs = known.files[0].items.iter().filter_map(|item| match item {
        Item::Struct(id) => Some(&known[*id].name),
        Item::Enum(_) | Item::Typedef(_) | Item::Constant(_) | Item::Service(_) => None,
    });
    let methods: String = structs.enumerate().fold(String::new(), |mut methods, (at, name)| {
        writeln!(methods, "void m{at}(1: {name} value)").expect("a text takes everything");
        methods
    });
    let name = file.to_string_lossy();
    let parsed = Idl::parse_with(&name, |path| {
        let text = fs::read_to_string(path)?;
        Ok(if *path == *name { format!("{text}\nservice {PROBE} {{\n{methods}}}\n") } else { text })
    });
    parsed.unwrap_or_else(|error| panic!("{error}"))
}

/// A crate with the code of all files; and one of a test that reads and writes what JSON-shaped values gave. The test has
/// the code for itself: what it does not use, derived traits above all, is checked but not compiled.
fn write_crate(at: &Path) -> usize {
    let source = at.join("src");
    fs::create_dir_all(&source).expect("it can be made");
    let (mut modules, mut probes, mut count) =
        ("//! Generated code of the corpus.\n".to_owned(), String::new(), 0);
    for (number, file) in sound().iter().enumerate() {
        let idl = probed(file);
        let code = Generator::new().thrift_path("tchannel_schemes::thrift").generate(&idl);
        let module = code.lines().find_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(" {"));
        let module = module.expect("there is a module");
        writeln!(modules, "\n/// Code of file {number}.\npub mod f{number};")
            .expect("a text takes everything");
        for method in idl.service(PROBE).expect("it was added").methods() {
            let Some(arguments) = sample::arguments(idl.definitions(), &method.descriptor().arguments) else {
                continue;
            };
            let arg3 =
                method.encode_args(&arguments).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let marker = method.name().to_uppercase();
            let bytes = data_encoding::HEXLOWER.encode(&arg3);
            writeln!(
                probes,
                "    same::<corpus::f{number}::{module}::tchannel_probe::{marker}>(\"{bytes}\");"
            )
            .expect("a text takes everything");
            count += 1;
        }
        fs::write(source.join(format!("f{number}.rs")), code).expect("it can be written");
    }
    fs::write(source.join("lib.rs"), modules).expect("it can be written");
    let tests = at.join("same/tests");
    fs::create_dir_all(&tests).expect("it can be made");
    let test = format!("{SAME}\n#[test]\nfn types_give_the_bytes_of_json() {{\n{probes}}}\n");
    fs::write(tests.join("same.rs"), test).expect("it can be written");
    count
}

const SAME: &str = r#"//! What types make of the bytes of JSON-shaped values.

#[path = "../../src/lib.rs"]
mod corpus;

use tchannel_schemes::thrift::{Bytes, Method, Struct, decode, encode};

fn same<M: Method>(hex: &str) {
    let digits: Vec<u8> = hex.bytes().map(|digit| if digit > b'9' { digit - b'a' + 10 } else { digit - b'0' }).collect();
    let bytes: Bytes = digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect();
    let value: M::Request = decode(&bytes).unwrap_or_else(|error| panic!("{}: {error}", M::Request::NAME));
    assert_eq!(encode(&value).as_ref(), Ok(&bytes), "{}", M::ENDPOINT);
}
"#;

/// Manifests: of the library with the lints of this workspace, of the test without.
fn write_manifests(at: &Path) {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).expect("it is there");
    let (_, lints) = workspace.split_once("[workspace.lints.rust]").expect("the workspace has lints");
    let (lints, _) = lints.split_once("[profile.").expect("profiles come behind them");
    let lints = format!("[workspace.lints.rust]{lints}").replace("[workspace.lints.", "[lints.");
    let schemes = root().join("core/schemes");
    let package = |name: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[workspace]\n\n\
         [dependencies.tchannel-schemes]\npath = \"{}\"\ndefault-features = false\nfeatures = [\"thrift\"]\n\n\
         [profile.dev]\ndebug = false\n\n",
            schemes.canonicalize().expect("it is there").display()
        )
    };
    let same = at.join("same");
    fs::write(at.join("Cargo.toml"), package("corpus") + &lints).expect("it can be written");
    fs::write(same.join("Cargo.toml"), package("same")).expect("it can be written");
    fs::copy(root().join(".clippy.toml"), at.join(".clippy.toml")).expect("it can be copied");
    for package in [at, &same] {
        fs::copy(root().join("Cargo.lock"), package.join("Cargo.lock")).expect("it can be copied");
    }
}

fn cargo(at: &Path, package: &str, args: &[&str]) {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(at.join(package)).args(args).env("CARGO_TARGET_DIR", at.join("target"));
    let output = command.output().expect("cargo runs");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "cargo {}\n{}", args.join(" "), String::from_utf8_lossy(&said));
}

#[test]
fn generated_code_compiles_without_warnings_and_gives_the_bytes_of_json() {
    let at = root().join("target/corpus");
    // What is left from before may be of files that are no more; what was built is worth keeping.
    for left in ["src", "same"] {
        if at.join(left).exists() {
            fs::remove_dir_all(at.join(left)).expect("it can be removed");
        }
    }
    let structs = write_crate(&at);
    assert!(structs > 300, "only {structs} structs");
    write_manifests(&at);
    cargo(&at, "", &["clippy", "--offline", "--quiet", "--lib", "--", "-D", "warnings"]);
    cargo(&at, "same", &["test", "--offline", "--quiet"]);
}
