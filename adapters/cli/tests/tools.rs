//! The verbs that measure and look, as processes, against real peers.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod tools {
    mod bench;
    mod ping;
    mod program;
    mod ringpop;
    mod serve;
    mod words;
}
