//! What a peer said, and how fast.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tchannel_proto::Remote;

use crate::duration::short;
use crate::print::within_a_line;

pub(super) struct Report {
    pub(super) peer: String,
    /// Until a stream was there, look-up of the name and TLS included.
    pub(super) connected: Duration,
    /// From then on, until the peer had said who it is.
    pub(super) handshake: Duration,
    pub(super) remote: Arc<Remote>,
    pub(super) takes_pings: bool,
    /// What each took; `None` for one without answer.
    pub(super) pings: Vec<Option<Duration>>,
}

impl Report {
    pub(super) fn lines(&self) -> Vec<String> {
        let Report { peer, connected, handshake, remote, .. } = self;
        let mut lines =
            vec![format!("{peer}: connected in {}, handshake in {}", short(*connected), short(*handshake))];
        let keys: Vec<String> = remote.headers.iter().map(|(key, _)| within_a_line(key)).collect();
        let wide = keys.iter().map(|key| key.chars().count()).filter(|wide| *wide <= WIDE).max();
        let wide = wide.unwrap_or_default();
        lines.extend(
            keys.iter()
                .zip(&remote.headers)
                .map(|(key, (_, value))| format!("  {key:wide$}  {}", within_a_line(value))),
        );
        for (number, ping) in self.pings.iter().enumerate() {
            let said = ping.map_or("no answer".to_owned(), short);
            lines.push(format!("  ping {}  {said}", number + 1));
        }
        lines.push(format!("  {}", self.summary()));
        lines
    }

    fn summary(&self) -> String {
        if !self.takes_pings {
            let language = match self.remote.language.as_str() {
                "" => "that name no language".to_owned(),
                language => format!("in {}", within_a_line(language)),
            };
            return format!("not pinged: peers {language} answer no pings");
        }
        let took: Vec<Duration> = self.pings.iter().flatten().copied().collect();
        let times = match (took.iter().min(), took.iter().max()) {
            (Some(least), Some(most)) => {
                let mean = took.iter().sum::<Duration>() / u32::try_from(took.len()).unwrap_or(u32::MAX);
                format!(": least {}, mean {}, most {}", short(*least), short(mean), short(*most))
            }
            (_, _) => String::new(),
        };
        format!("{} of {} pings answered{times}", took.len(), self.pings.len())
    }

    pub(super) fn json(&self) -> Value {
        let Report { peer, connected, handshake, remote, takes_pings, pings } = self;
        let millis = |took: Duration| took.as_secs_f64() * 1e3;
        let headers: Map<String, Value> =
            remote.headers.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect();
        json!({
            "peer": peer,
            "connect_ms": millis(*connected),
            "handshake_ms": millis(*handshake),
            "headers": headers,
            "takes_pings": takes_pings,
            "pings_ms": pings.iter().map(|ping| ping.map(millis)).collect::<Vec<_>>(),
        })
    }

    /// What is wrong with the peer.
    pub(super) fn complaint(&self) -> Option<String> {
        let missing = self.pings.iter().filter(|ping| ping.is_none()).count();
        (missing > 0).then(|| format!("{missing} of {} pings had no answer", self.pings.len()))
    }
}

/// Keys that are longer stand out instead of moving all others.
const WIDE: usize = 40;
