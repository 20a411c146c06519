//! Promises of the user's documents, each by a test that is named after its row: `n9_…` shows row N9, `table_7_…`
//! section 7 of the channel's decision tables. `cargo test --test rows -- --list` is the table of both.
//!
//! All of it over a network in memory on one thread. Where a row speaks of the wire, the frames are looked at. Rows that
//! need exact times are in `core/mesh`, where time is a number; here a short time only ends what would never end.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod rows {
    mod admission;
    mod blocking;
    mod broken;
    mod calls;
    mod choice;
    mod deadlines;
    mod dispatch;
    mod errors;
    mod headers;
    mod hyperbahn;
    mod idl;
    mod json;
    mod layers;
    mod line;
    mod map;
    mod meta;
    mod net;
    mod peers;
    mod requests;
    mod retries;
    mod serving;
    mod streams;
    mod subchannels;
    mod table;
    mod thrift;
    mod traces;
}
