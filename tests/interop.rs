//! The reference implementations and this one, each as a client of each of the others, over real sockets.
//!
//! What cannot go well is listed in `interop/known.rs` by name and with its reason, and those lists are compared exactly:
//! a scenario that fails without being there is a fault of ours, and one that is there without failing is news.
//! `tests/peers/README.md` tells what the peers are and how to run them by hand.

mod interop {
    mod cassette;
    mod channel;
    mod check;
    mod client;
    mod drain;
    mod http;
    mod hyperbahn;
    mod known;
    mod program;
    mod recorder;
    mod reference;
    mod server;
}
