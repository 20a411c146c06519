//! Generated code: what it looks like, that it compiles under this workspace's lints, and what it does.

mod generated {
    mod calls;
    pub(crate) mod carrier;
    mod golden;
    mod same;
    mod values;

    /// The committed text is what the generator writes: `golden` checks that.
    pub(crate) mod code {
        include!("golden/guide.rs");
    }
}
