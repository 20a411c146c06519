//! The Thrift files that the installed packages bring, and our own of awkward names.

use std::fs;
use std::path::{Path, PathBuf};

use tchannel_tests::peers::{Peer, packages};

/// Files that cannot be used, and what is said of them.
///
/// All but one are refused by thriftrw, too. `map.thrift` has two fields with the id 1: thriftrw reads the last one and
/// then misses the first; Apache's compiler refuses the file.
pub(crate) const BROKEN: [(&str, &str); 12] = [
    (
        "thriftrw/test/duplicate-error.thrift",
        "4:9: expected a new name for the service, but `Service` is taken",
    ),
    ("thriftrw/test/enum-collision.thrift", "26:5: expected a new name for the value, but `A` is taken"),
    (
        "thriftrw/test/enum-overflow.thrift",
        "31:3: expected a number from -2^31 to 2^31 - 1, found `2147483648`",
    ),
    ("thriftrw/test/include-absolute-filename.thrift", "1:1: expected a path relative to this file"),
    (
        "thriftrw/test/include-error-invalid-filename-as-namespace.thrift",
        "1:1: expected a file that can be read",
    ),
    ("thriftrw/test/include-error-not-path.thrift", "1:1: expected a file that can be read"),
    ("thriftrw/test/include-error-unknown-module.thrift", "2:22: expected a type, but `common.Item` is none"),
    ("thriftrw/test/map.thrift", "6:5: expected a new id for the field, but `1` is taken"),
    ("thriftrw/test/reference-error.thrift", "3:5: expected a type, but `Struct` is none"),
    (
        "thriftrw/test/service-duplicate-function-error.thrift",
        "6:10: expected a new name for the method, but `bar` is taken",
    ),
    ("thriftrw/test/thrift/BrokenConstants.thrift", "21:20: expected a whole number from -2^63 to 2^63 - 1"),
    ("thriftrw/test/type-mismatch.thrift", "5:17: expected a constant, but `Foo` is none: it is a service"),
];

/// All files, in one order.
pub(crate) fn all() -> Vec<PathBuf> {
    let mut files = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("idl/names/names.thrift")];
    for peer in [Peer::Node, Peer::Python] {
        collect(&packages(peer).unwrap_or_else(|error| panic!("{error}")), &mut files);
    }
    files.sort();
    files
}

/// The files that can be used.
pub(crate) fn sound() -> Vec<PathBuf> {
    all().into_iter().filter(|file| fault_of(file).is_none()).collect()
}

/// What has to be said of a file, if it is broken.
pub(crate) fn fault_of(file: &Path) -> Option<&'static (&'static str, &'static str)> {
    BROKEN.iter().find(|(name, _)| file.ends_with(name))
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    for entry in entries {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() && !path.is_symlink() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "thrift") {
            files.push(path);
        }
    }
}
