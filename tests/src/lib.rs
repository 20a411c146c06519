//! What the suites of this package share.
