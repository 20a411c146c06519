//! What scripted peers answer, and what they were asked.

mod answer;
mod peer;
mod script;

pub use answer::Answer;
pub use peer::MockPeer;
pub use script::{Mock, Received};

pub(super) use script::Script;
