//! The verbs that measure and look, as processes, against real peers.

mod tools {
    mod bench;
    mod ping;
    mod program;
    mod ringpop;
    mod serve;
    mod words;
}
