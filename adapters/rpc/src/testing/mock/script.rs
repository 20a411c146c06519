//! Which calls get which answers.

use std::fmt;
use std::ops::{Bound, RangeBounds};
use std::sync::{Arc, Mutex};
use std::thread;

use bytes::Bytes;

use super::Answer;
use crate::Request;
use crate::shared::lock;

/// Calls of one kind, what they are answered, and how many of them there have to be.
///
/// ```
/// use tchannel_rpc::ErrorCode;
/// use tchannel_rpc::testing::{Answer, Mock};
///
/// let first = Mock::of("moe", "ask").body("who?").at_most(1).answers(Answer::error(ErrorCode::Busy, "later"));
/// let then = Mock::of("moe", "ask").expect(1..=2).answers(Answer::ok("", "curly"));
/// ```
#[must_use = "a mock does nothing until it is mounted"]
pub struct Mock {
    says: String,
    accepts: Vec<Accepts>,
    answer: Gives,
    at_most: Option<u64>,
    expected: (Bound<u64>, Bound<u64>),
    asked: u64,
}

type Accepts = Box<dyn Fn(&Request) -> bool + Send + Sync>;
type Gives = Arc<dyn Fn(&Request) -> Answer + Send + Sync>;

impl Mock {
    /// Calls to an endpoint of a service.
    pub fn of(service: &str, endpoint: impl AsRef<[u8]>) -> Self {
        let endpoint = endpoint.as_ref();
        let (text, endpoint) = (String::from_utf8_lossy(endpoint).into_owned(), endpoint.to_vec());
        Mock::service(service).and(format!("endpoint {text:?}"), move |request| *request.arg1() == endpoint)
    }

    /// Calls to any endpoint of a service.
    pub fn service(service: &str) -> Self {
        let name = service.to_owned();
        Mock::any().and(format!("service {service:?}"), move |request| request.service() == name)
    }

    /// Any call.
    pub fn any() -> Self {
        Mock {
            says: String::new(),
            accepts: Vec::new(),
            answer: Arc::new(|_| Answer::ok("", "")),
            at_most: None,
            expected: (Bound::Unbounded, Bound::Unbounded),
            asked: 0,
        }
    }

    /// Only those with this arg scheme.
    pub fn scheme(self, scheme: &str) -> Self {
        let name = scheme.to_owned();
        self.and(format!("scheme {scheme:?}"), move |request| request.scheme().as_str() == name)
    }

    /// Only those with this transport header.
    pub fn header(self, key: &str, value: &str) -> Self {
        let header = (key.to_owned(), value.to_owned());
        self.and(format!("header {key}: {value}"), move |request| {
            request.headers().iter().any(|(key, value)| key == header.0 && value == header.1)
        })
    }

    /// Only those with these application headers.
    pub fn arg2(self, arg2: impl Into<Bytes>) -> Self {
        let arg2 = arg2.into();
        self.and(format!("arg2 {arg2:?}"), move |request| *request.arg2() == arg2)
    }

    /// Only those with this body.
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        self.and(format!("body {body:?}"), move |request| request.body() == body)
    }

    /// Only those for which this is so. `says` is what messages call it.
    pub fn and(
        mut self,
        says: impl fmt::Display,
        accepts: impl Fn(&Request) -> bool + Send + Sync + 'static,
    ) -> Self {
        let comma = if self.says.is_empty() { "" } else { ", " };
        self.says = format!("{}{comma}{says}", self.says);
        self.accepts.push(Box::new(accepts));
        self
    }

    /// The answer of each. Default: a response of success, without arguments.
    pub fn answers(self, answer: impl Into<Answer>) -> Self {
        let answer = answer.into();
        self.answers_with(move |_| answer.clone())
    }

    /// The answer of each, by what it asks.
    pub fn answers_with(mut self, answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        self.answer = Arc::new(answer);
        self
    }

    /// The first so many only; later ones are left to the mocks that were mounted later. Default: all.
    pub fn at_most(mut self, calls: u64) -> Self {
        self.at_most = Some(calls);
        self
    }

    /// How many there have to be: whoever verifies says if there were more or fewer. Default: any number.
    pub fn expect(mut self, calls: impl RangeBounds<u64>) -> Self {
        self.expected = (calls.start_bound().cloned(), calls.end_bound().cloned());
        self
    }

    fn takes(&self, request: &Request) -> bool {
        self.at_most.is_none_or(|most| self.asked < most)
            && self.accepts.iter().all(|accepts| accepts(request))
    }

    /// What is wrong with the number of calls.
    fn unmet(&self) -> Option<String> {
        (!self.expected.contains(&self.asked))
            .then(|| format!("{}: {} calls, expected {}", self.name(), self.asked, Range(self.expected)))
    }

    fn name(&self) -> &str {
        if self.says.is_empty() { "any call" } else { &self.says }
    }
}

impl fmt::Debug for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mock")
            .field("calls", &self.name())
            .field("asked", &self.asked)
            .finish_non_exhaustive()
    }
}

struct Range((Bound<u64>, Bound<u64>));

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let least = match self.0.0 {
            Bound::Included(least) => least,
            Bound::Excluded(below) => below.saturating_add(1),
            Bound::Unbounded => 0,
        };
        match self.0.1 {
            Bound::Included(most) if most == least => write!(f, "{least}"),
            Bound::Included(most) => write!(f, "{least} to {most}"),
            Bound::Excluded(above) => write!(f, "{least} to {}", above.saturating_sub(1)),
            Bound::Unbounded => write!(f, "{least} or more"),
        }
    }
}

/// A call that a scripted peer got.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received {
    /// The service that was called.
    pub service: String,
    /// The endpoint that was called, as text for people.
    pub endpoint: String,
    /// Transport headers, in their order.
    pub headers: Vec<(String, String)>,
    /// Application headers.
    pub arg2: Bytes,
    /// The body.
    pub body: Bytes,
    /// Whether a mock took it.
    pub expected: bool,
}

/// The mocks of one peer, and what it got.
#[derive(Debug, Default)]
pub(in crate::testing) struct Script(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    mocks: Vec<Mock>,
    received: Vec<Received>,
}

impl Script {
    pub(in crate::testing) fn mount(&self, mock: Mock) {
        lock(&self.0).mocks.push(mock);
    }

    /// The answer of the first mock that takes it. Notes the call.
    pub(in crate::testing) fn find(&self, request: &Request) -> Option<Answer> {
        let mut pages = lock(&self.0);
        let mock = pages.mocks.iter_mut().find(|mock| mock.takes(request));
        let answer = mock.map(|mock| {
            mock.asked += 1;
            mock.answer.clone()
        });
        let text = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        pages.received.push(Received {
            service: request.service().to_owned(),
            endpoint: request.endpoint().into_owned(),
            headers: request.headers().iter().map(text).collect(),
            arg2: request.arg2().clone(),
            body: request.body(),
            expected: answer.is_some(),
        });
        drop(pages);
        answer.map(|answer| answer(request))
    }

    pub(in crate::testing) fn received(&self) -> Vec<Received> {
        lock(&self.0).received.clone()
    }

    /// Panics if a mock was asked more or less often than it was to be.
    pub(in crate::testing) fn verify(&self) {
        let unmet: Vec<String> = lock(&self.0).mocks.iter().filter_map(Mock::unmet).collect();
        assert!(unmet.is_empty(), "a scripted peer was not asked as expected\n{}", unmet.join("\n"));
    }

    /// The same at the end of a test, unless that fails already.
    pub(in crate::testing) fn verify_at_end(&self) {
        if !thread::panicking() {
            self.verify();
        }
    }
}
