//! `tchannel call`, run as a program: against the reference implementations, services of our own, and servers that mean
//! harm.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod call {
    mod foreign;
    mod hostile;
    mod idl;
    mod peers;
    mod program;
    mod readme;
    mod repeated;
    mod scripted;
    mod served;
    mod tls;
    mod words;
}
