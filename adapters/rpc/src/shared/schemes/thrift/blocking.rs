//! Generated clients on threads without a runtime.

use tchannel_schemes::thrift::{Caller, Method};

use super::{CallError, Calls};

/// Makes calls and waits for their answers, from threads that run no async tasks. See [`Calls::blocking`].
#[derive(Clone, Debug)]
pub struct Blocking(Calls);

impl Blocking {
    pub(super) fn new(calls: Calls) -> Self {
        Blocking(calls)
    }

    /// The same calls, not waited for.
    pub fn calls(&self) -> &Calls {
        &self.0
    }
}

impl Caller for Blocking {
    type Call<M: Method> = Result<M::Success, CallError<M::Exceptions>>;

    fn call<M: Method>(&self, request: M::Request) -> Self::Call<M> {
        self.0.call::<M>(request).wait()
    }
}
