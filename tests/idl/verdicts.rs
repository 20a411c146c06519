//! Which files are sound, and what is said of the others.

use tchannel_idl::Idl;

use super::files::{BROKEN, all, fault_of};
use super::sample;

#[test]
fn sound_files_parse_and_broken_ones_say_where() {
    let files = all();
    assert!(files.len() > 60, "only {} files", files.len());
    for file in &files {
        let parsed = Idl::load(file);
        match (fault_of(file), parsed) {
            (None, parsed) => drop(parsed.unwrap_or_else(|error| panic!("{error}"))),
            (Some((name, expected)), Err(error)) => {
                let said = error.to_string();
                assert!(said.contains(&format!("{name}:{expected}")), "{said}");
            }
            (Some((name, _)), Ok(_)) => panic!("{name} parses"),
        }
    }
    let found = files.iter().filter(|file| fault_of(file).is_some()).count();
    assert_eq!(found, BROKEN.len(), "some broken files were not found");
}

#[test]
fn every_method_can_be_called_with_json_and_answers_it() {
    let mut methods = 0;
    for file in super::files::sound() {
        let idl = Idl::load(&file).expect("it is sound");
        let known = idl.definitions();
        for method in idl.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
            let declared = method.descriptor();
            let Some(arguments) = sample::arguments(known, &declared.arguments) else { continue };
            let arg3 = method
                .encode_args(&arguments)
                .unwrap_or_else(|error| panic!("{}: {error}", method.endpoint()));
            let read =
                method.decode_args(&arg3).unwrap_or_else(|error| panic!("{}: {error}", method.endpoint()));
            assert_eq!(method.encode_args(&read).as_ref(), Ok(&arg3), "{}", method.endpoint());
            for result in sample::results(known, declared) {
                let arg3 = method
                    .encode_result(&result)
                    .unwrap_or_else(|error| panic!("{}: {error}", method.endpoint()));
                let read = method.decode_result(&arg3).unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(read.is_ok(), result.is_ok());
                assert_eq!(method.encode_result(&read), Ok(arg3), "{}", method.endpoint());
            }
            methods += 1;
        }
    }
    assert!(methods > 150, "only {methods} methods");
}
