//! `tchannel decode`, as people use it.

mod decode {
    mod filters;
    mod golden;
    mod hostile;
    mod output;
    pub(crate) mod program;
}
