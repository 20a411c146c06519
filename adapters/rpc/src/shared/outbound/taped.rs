//! Calls of a channel whose calls are recorded or replayed.

use std::sync::Arc;

use super::Outbound;
use crate::shared::call::Call;
use crate::shared::cassette::{Asked, Tape, Verdict};
use crate::shared::error::{CallError, Refusal};

impl Outbound {
    pub(super) fn send_through(self, tape: &Arc<Tape>) -> Call {
        match self.ask(tape) {
            Ok(Verdict::Play(response)) => Call::played(response),
            Ok(Verdict::Make(taping)) => self.send_now().taped(taping),
            Err(refusal) => Call::refused(CallError::refused(refusal, self.named_host(), self.target)),
        }
    }

    fn ask(&self, tape: &Arc<Tape>) -> Result<Verdict, Refusal> {
        let plan = self.plan()?;
        tape.ask(&Asked {
            hub: &self.hub,
            plan: &plan,
            endpoint: self.target.endpoint(),
            args: &self.args,
            host: self.named_host().map(|host| host.to_string()).unwrap_or_default(),
        })
    }
}
