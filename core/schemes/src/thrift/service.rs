//! Where generated clients and handlers meet what carries calls: the only thing that they know of it.

use alloc::boxed::Box;
use core::error::Error;
use core::fmt;
use core::future::Future;

use super::Method;

/// What makes calls: a channel with its options, or a double in a test.
///
/// A generated client is written against this alone. It is asynchronous with a caller whose [`Call`](Self::Call) is a
/// future, and blocking with one whose calls are the answers themselves.
pub trait Caller {
    /// A call of `M` with its request: a value that can be sent, a future, or the answer.
    type Call<M: Method>;

    /// Makes a call of `M`.
    fn call<M: Method>(&self, request: M::Request) -> Self::Call<M>;
}

impl<C: Caller> Caller for &C {
    type Call<M: Method> = C::Call<M>;

    fn call<M: Method>(&self, request: M::Request) -> Self::Call<M> {
        C::call(self, request)
    }
}

/// What answers calls: a service of a channel, or a double in a test.
///
/// The generated `register` of a service gives it a function for each method.
pub trait Register {
    /// What a handler is told of a call beside its request: who calls, how long there is time, headers.
    type Context: Send + 'static;

    /// Takes note of the Thrift files that the methods come from, names and texts, to be told to who asks: first the one
    /// that has the service, then what goes with it. Does nothing, unless a server has a use for them.
    fn thrift_files(&mut self, files: &[(&str, &str)]) {
        let _ = files;
    }

    /// Answers calls of `M` with `handler`.
    fn register<M, F, A>(&mut self, handler: F)
    where
        M: Method,
        F: Fn(Self::Context, M::Request) -> A + Send + Sync + 'static,
        A: Future<Output = Result<M::Success, Failure<M::Exceptions>>> + Send + 'static;
}

/// Why a handler gives no value.
#[derive(Debug)]
pub enum Failure<E> {
    /// An exception that the method declares: response code 1.
    Exception(E),
    /// Anything else: an error frame, `unexpected` unless the error is of a type that its server knows better.
    Unexpected(Box<dyn Error + Send + Sync>),
}

impl<E> Failure<E> {
    /// A failure that the method does not declare.
    ///
    /// ```
    /// # use tchannel_schemes::thrift::Failure;
    /// # use core::convert::Infallible;
    /// fn parsed(text: &str) -> Result<i32, Failure<Infallible>> {
    ///     text.parse().map_err(Failure::unexpected)
    /// }
    /// assert!(matches!(parsed("no"), Err(Failure::Unexpected(_))));
    /// ```
    pub fn unexpected(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unexpected(error.into())
    }
}

/// `?` makes a failure of an exception.
impl<E> From<E> for Failure<E> {
    fn from(exception: E) -> Self {
        Self::Exception(exception)
    }
}

impl<E: fmt::Display> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exception(exception) => exception.fmt(f),
            Self::Unexpected(error) => error.fmt(f),
        }
    }
}

impl<E: Error + 'static> Error for Failure<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Exception(exception) => exception.source(),
            Self::Unexpected(error) => error.source(),
        }
    }
}
