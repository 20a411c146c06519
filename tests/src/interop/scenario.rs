use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use serde_json::Value;
use tchannel_rpc::{BodyError, CallError, Outbound};
use thiserror::Error;
use tokio::time::timeout;

use super::{Caller, Expect, ProbeError};

/// What is worth telling of a scenario that went well, or why it did not.
pub type Verdict = Result<Value, Failure>;

/// Why a scenario did not go well.
#[derive(Debug, Error)]
pub enum Failure {
    /// A call that should have been answered was not.
    #[error("{0}")]
    Call(#[from] CallError),
    /// A streamed call broke off.
    #[error("{0}")]
    Body(#[from] BodyError),
    /// The connection made for looking closer did not work.
    #[error("{0}")]
    Probe(#[from] ProbeError),
    /// Something came that is not what had to come.
    #[error("{0}")]
    Unexpected(String),
}

impl Failure {
    /// Unless `good`, a failure that says why.
    pub fn unless(good: bool, why: impl FnOnce() -> String) -> Result<(), Self> {
        if good { Ok(()) } else { Err(Failure::Unexpected(why())) }
    }
}

type Running = Pin<Box<dyn Future<Output = Verdict> + Send>>;

/// One thing to try at a server, over a connection of its own.
pub struct Scenario {
    name: String,
    act: Box<dyn Fn(Caller) -> Running + Send + Sync>,
    loses_connection: bool,
}

impl Scenario {
    /// One call and what has to come of it.
    pub fn call(
        name: impl Into<String>,
        call: impl Fn(&Caller) -> Outbound + Send + Sync + 'static,
        expect: Expect,
    ) -> Self {
        let act = move |caller: Caller| -> Running {
            let (call, expect) = (call(&caller), expect.clone());
            Box::pin(async move { expect.judge(call.send().await) })
        };
        Scenario { name: name.into(), act: Box::new(act), loses_connection: false }
    }

    /// More than one call.
    pub fn script<R>(name: impl Into<String>, act: impl Fn(Caller) -> R + Send + Sync + 'static) -> Self
    where
        R: Future<Output = Verdict> + Send + 'static,
    {
        Scenario {
            name: name.into(),
            act: Box::new(move |caller| Box::pin(act(caller))),
            loses_connection: false,
        }
    }

    /// The connection ends in this one; in every other it must not.
    #[must_use = "the scenario is returned, not changed in place"]
    pub fn losing_connection(self) -> Self {
        Scenario { loses_connection: true, ..self }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tries it for at most `limit`, and ends the caller's connections.
    pub async fn run(&self, caller: Caller, limit: Duration) -> Verdict {
        let verdict = timeout(limit, async {
            let verdict = (self.act)(caller.clone()).await;
            if self.loses_connection && verdict.is_ok() {
                caller.lost().await;
            }
            verdict
        });
        let verdict = verdict.await;
        let lost = timeout(limit, caller.close()).await.unwrap_or_default();
        let detail = verdict.map_err(|_| Failure::Unexpected(format!("not over after {limit:?}")))??;
        match lost.first() {
            Some(why) if !self.loses_connection => Err(Failure::Unexpected(format!("{detail}, but {why}"))),
            Some(_) | None => Ok(detail),
        }
    }
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scenario").field(&self.name).finish()
    }
}
