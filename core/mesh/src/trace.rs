//! Identities of calls in traces.
//!
//! | lineage | trace id | parent id | span id | flags |
//! |---|---|---|---|---|
//! | `Root`, traced | new | 0 | = trace id | 1 with the likelihood of sampling, else 0 |
//! | `Root`, not traced | 0 | 0 | 0 | 0 |
//! | `Child` | the parent's | the parent's span id | new | the parent's |
//! | `Child` of trace id 0 | as `Root` | | | |
//! | `Copy` | copied | copied | copied | copied |

mod report;

pub use report::{Role, SpanReport};

use tchannel_wire::Tracing;

use crate::ratio::Ratio;
use crate::rng::Rng;

/// Where a call stands in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lineage {
    /// Nothing caused it.
    Root {
        /// Whether it begins a trace; if not, its tracing is all zeros.
        traced: bool,
    },
    /// A call that is being served caused it.
    Child {
        /// What that call carried.
        of: Tracing,
        /// Whether it begins a trace when that call carried none.
        traced: bool,
    },
    /// It is the same call, passed on: a relay's, or one with `forward_trace`. Answers and error frames carry their
    /// request's tracing in the same way.
    Copy(Tracing),
}

/// What a call's options say about its identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// It gets one of its own.
    Own {
        /// Whether it begins a trace if there is none.
        traced: bool,
    },
    /// It is passed on: this is used as it is, or else its parent's.
    Forward(Option<Tracing>),
}

impl Trace {
    /// Where a call stands, with or without a parent.
    pub fn lineage(self, parent: Option<Tracing>) -> Lineage {
        match (self, parent) {
            (Trace::Forward(given), parent) => Lineage::Copy(given.or(parent).unwrap_or_default()),
            (Trace::Own { traced }, Some(of)) => Lineage::Child { of, traced },
            (Trace::Own { traced }, None) => Lineage::Root { traced },
        }
    }
}

/// The identity of one attempt of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    tracing: Tracing,
    ours: bool,
}

impl Span {
    /// The identity of a call's first attempt. `sample` is the likelihood that a new trace is recorded.
    pub fn begin(rng: &mut Rng, sample: Ratio, lineage: Lineage) -> Self {
        match lineage {
            Lineage::Copy(tracing) => Span { tracing, ours: false },
            Lineage::Child { of, .. } if of.trace_id != 0 => {
                let tracing = Tracing { parent_id: of.span_id, span_id: rng.nonzero(), ..of };
                Span { tracing, ours: true }
            }
            Lineage::Root { traced: true } | Lineage::Child { traced: true, .. } => {
                let id = rng.nonzero();
                let flags = u8::from(rng.chance(sample));
                Span { tracing: Tracing { trace_id: id, parent_id: 0, span_id: id, flags }, ours: true }
            }
            Lineage::Root { traced: false } | Lineage::Child { traced: false, .. } => {
                Span { tracing: Tracing::ZERO, ours: true }
            }
        }
    }

    /// The identity of the next attempt: a new span with the same trace and the same parent. A copy stays a copy, and
    /// no trace stays none.
    #[must_use = "gives the next identity back, changes nothing in place"]
    pub fn again(self, rng: &mut Rng) -> Self {
        if !self.ours || self.tracing.trace_id == 0 {
            return self;
        }
        Span { tracing: Tracing { span_id: rng.nonzero(), ..self.tracing }, ours: true }
    }

    /// What goes on the wire.
    pub const fn tracing(self) -> Tracing {
        self.tracing
    }

    /// Whether the caller reports this span: it is sampled, and not a copy of a span that somebody else reports.
    pub const fn is_reported(self) -> bool {
        self.ours && self.tracing.is_sampled()
    }
}

/// The default likelihood that a new trace is recorded: 1 in 100.
pub const TRACE_SAMPLE: Ratio = Ratio::percent(1);

#[cfg(test)]
mod tests;
