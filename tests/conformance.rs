//! Conformance of one connection: what the specification says about each input, one named case each.
//!
//! `cargo test --test conformance r35` runs the cases of row R35 of the reaction table (connection.md 13). Cases whose
//! names begin with `s` and a number belong to that section of connection.md, those with `w` to one of wire.md. A case
//! shows the bytes that arrive and the exact reaction: the frames sent and the events given, all of them, in order;
//! `conformance/script.rs` explains the notation. Each case runs with its input in one piece, byte by byte, and cut at
//! random points, with the same outcome; and while it runs a healthy call each way waits for its answer, and gets it.

mod conformance {
    pub(crate) mod act;
    pub(crate) mod case;
    pub(crate) mod checksum;
    mod coverage;
    pub(crate) mod frame;
    pub(crate) mod hex;
    pub(crate) mod never;
    pub(crate) mod play;
    pub(crate) mod script;
    pub(crate) mod sections;
    pub(crate) mod seen;
    pub(crate) mod sent;
    pub(crate) mod table;
    pub(crate) mod wire;
}
