//! The text of generated code.

use std::path::{Path, PathBuf};
use std::{env, fs};

use tchannel_idl::Idl;
use tchannel_idl::generate::Generator;

fn golden(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file)
}

#[test]
fn the_text_is_the_one_that_was_reviewed() {
    let idl = Idl::load(golden("guide.thrift")).unwrap();
    let text = Generator::new().thrift_path("tchannel_schemes::thrift").generate(&idl);
    let reviewed = golden("guide.rs");
    if env::var_os("REVIEW").is_some() {
        fs::write(&reviewed, &text).unwrap();
    }
    let hint = "write it anew by REVIEW=1 cargo test -p tchannel-idl --test generated golden, and review it";
    assert!(
        fs::read_to_string(&reviewed).unwrap_or_default() == text,
        "tests/golden/guide.rs is stale: {hint}"
    );
}

#[test]
fn it_is_written_against_the_crate_that_people_depend_on() {
    let text = Generator::new().generate(&Idl::parse("struct A { 1: i32 b }").unwrap());
    assert!(text.contains("    use tchannel_rpc::thrift;\n"), "{text}");
}

#[test]
fn the_module_that_is_written_against_can_be_another() {
    let idl = Idl::parse("struct A { 1: i32 b }").unwrap();
    let text = Generator::new().thrift_path("crate::calls::thrift").generate(&idl);
    assert!(text.contains("    use crate::calls::thrift;\n"), "{text}");
    assert!(!text.contains("tchannel_schemes"), "{text}");
    let renamed = Generator::new().thrift_path("crate::codec").generate(&idl);
    assert!(renamed.contains("    use crate::codec as thrift;\n"), "{renamed}");
}

#[test]
fn oneway_methods_are_left_out() {
    let idl = Idl::load(golden("guide.thrift")).unwrap();
    let text = Generator::new().generate(&idl);
    assert!(!text.contains("fn forget") && !text.contains("Forget"), "{text}");
}

#[test]
fn requests_of_one_struct_may_be_streams() {
    let idl = Idl::parse(
        "struct Word { 1: string text } typedef Word Name
         service Base { void one(1: Word word) }
         service Words extends Base {
             void named(1: optional Name name), void none(), void text(1: string text), void two(1: Word a, 2: Word b)
         }",
    )
    .unwrap();
    let text = Generator::new().generate(&idl);
    assert_eq!(text.matches("RequestStream for").count(), 3, "{text}");
    assert_eq!(
        text.matches("impl thrift::RequestStream for One {\n            type Item = super::Word;").count(),
        2
    );
    assert!(
        text.contains("impl thrift::RequestStream for Named {\n            type Item = super::Name;"),
        "{text}"
    );
}

#[test]
fn an_idl_without_definitions_is_an_empty_module() {
    let text = Generator::new().generate(&Idl::parse("").unwrap());
    assert!(text.ends_with("pub mod source {}\n"), "{text}");
}
