//! The verbs that measure and look, as processes, against real peers.

mod tools {
    mod bench;
    mod program;
    mod serve;
}
