//! Captures made by hand: what comes out of them.

mod decoding {
    pub(crate) mod kit;

    mod bounds;
    mod calls;
    mod explained;
    mod files;
    mod links;
    mod loss;
    mod real;
    mod reordered;
}
