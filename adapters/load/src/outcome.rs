//! How a call ends.

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Answered as it should be.
    Ok,
    /// Answered, and the answer says that it is not ok.
    NotOk,
    /// Not answered, for a reason that the protocol has a code for.
    Error(u8),
    /// Neither: no answer, or not the one that should have come.
    Failed,
}

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How it ended.
    pub outcome: Outcome,
    /// Bytes of arguments that it moved, both directions together.
    pub bytes: u64,
}

impl From<Outcome> for Ended {
    fn from(outcome: Outcome) -> Self {
        Ended { outcome, bytes: 0 }
    }
}

impl From<bool> for Ended {
    /// For callers that tell only good from bad.
    fn from(ok: bool) -> Self {
        if ok { Outcome::Ok } else { Outcome::Failed }.into()
    }
}
