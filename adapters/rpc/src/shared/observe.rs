//! What a channel tells about its work: measurements, and spans of traces.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tchannel_mesh::stats::{Labels, Stat, Value};
use tchannel_mesh::{Role, SpanReport};
use tchannel_proto::wire::Tracing;

/// One measurement: a name of the metrics document, a value, and the tags that tell it apart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measurement {
    /// Its name, without a prefix: `outbound.calls.sent`. The usual prefix is `tchannel`.
    pub name: &'static str,
    /// What to add, to set, or to put into a distribution.
    pub value: Value,
    /// Names and values; what is not known is left out. At most 1,000 distinct sets of services and endpoints are told
    /// apart.
    pub tags: Vec<(&'static str, Cow<'static, str>)>,
}

impl Measurement {
    pub(crate) fn of(stat: &Stat, labels: &Labels) -> Self {
        let owned = |value: Cow<'_, str>| Cow::Owned(value.into_owned());
        let tags = stat.tags(labels).into_iter().filter_map(|tag| Some((tag.name, owned(tag.value?))));
        Measurement { name: stat.name(), value: stat.value(), tags: tags.collect() }
    }
}

/// One side's view of one attempt of a call whose trace is recorded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TraceSpan {
    /// The view as the machine has it; its moments count from the channel's making.
    pub report: SpanReport,
    /// When it began, by the wall clock.
    pub began: SystemTime,
    /// How long it took; `None` if it has no end.
    pub took: Option<Duration>,
}

impl TraceSpan {
    /// Whose view it is.
    pub fn role(&self) -> Role {
        self.report.role
    }

    /// Trace, span and parent.
    pub fn tracing(&self) -> Tracing {
        self.report.tracing
    }
}

/// Called with each measurement.
pub(crate) type Meter = Arc<dyn Fn(&Measurement) + Send + Sync>;

/// Called with each span.
pub(crate) type Reporter = Arc<dyn Fn(&TraceSpan) + Send + Sync>;
