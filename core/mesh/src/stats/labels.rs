//! Texts of calls, kept once each, and not without bound: peers choose some of them.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// Names a set of labels of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelKey(usize);

impl LabelKey {
    /// No labels: every one is absent.
    pub const NONE: Self = LabelKey(0);
    /// Labels past [`MAX_LABEL_SETS`]: every one is [`OTHER`].
    pub const OTHER: Self = LabelKey(1);
}

/// The labels of a call. What is absent is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSet {
    /// The service on this side: the caller of a call of ours, the service called by a peer.
    pub service: Option<Box<str>>,
    /// The service on the other side: the one called, the caller of a peer's call.
    pub other: Option<Box<str>>,
    /// arg1.
    pub endpoint: Option<Box<str>>,
}

/// The sets of labels seen so far, at most [`MAX_LABEL_SETS`] and two that are always there.
#[derive(Clone, Debug)]
pub struct Labels {
    /// By key.
    sets: Vec<LabelSet>,
    /// Keys of all but the first two, by their labels.
    sorted: Vec<LabelKey>,
}

impl Labels {
    /// No labels seen.
    pub fn new() -> Self {
        let other = || Some(OTHER.into());
        let other = LabelSet { service: other(), other: other(), endpoint: other() };
        Labels { sets: [LabelSet::default(), other].into(), sorted: Vec::new() }
    }

    /// The key of these labels; empty ones count as absent. Each is cut at [`MAX_LABEL`] characters. Allocates only for
    /// a set that is new.
    pub fn key(&mut self, service: &str, other: &str, endpoint: Option<&str>) -> LabelKey {
        let wanted = [cut(service), cut(other), endpoint.and_then(cut)];
        if wanted == [None; 3] {
            return LabelKey::NONE;
        }
        match self.sorted.binary_search_by(|key| self.labels(*key).texts().cmp(&wanted)) {
            Ok(at) => self.sorted[at],
            Err(_) if self.sorted.len() >= MAX_LABEL_SETS => LabelKey::OTHER,
            Err(at) => {
                let key = LabelKey(self.sets.len());
                let [service, other, endpoint] = wanted.map(|text| text.map(Box::from));
                self.sets.push(LabelSet { service, other, endpoint });
                self.sorted.insert(at, key);
                key
            }
        }
    }

    /// The labels of a key; those of [`LabelKey::NONE`] for a key of another channel.
    pub fn labels(&self, key: LabelKey) -> &LabelSet {
        self.sets.get(key.0).unwrap_or(&NO_LABELS)
    }
}

impl Default for Labels {
    fn default() -> Self {
        Labels::new()
    }
}

impl LabelSet {
    fn texts(&self) -> [Option<&str>; 3] {
        [self.service.as_deref(), self.other.as_deref(), self.endpoint.as_deref()]
    }
}

fn cut(text: &str) -> Option<&str> {
    let end = text.char_indices().nth(MAX_LABEL).map_or(text.len(), |(end, _)| end);
    (end > 0).then_some(&text[..end])
}

static NO_LABELS: LabelSet = LabelSet { service: None, other: None, endpoint: None };

/// Characters of a label.
pub const MAX_LABEL: usize = 100;
/// Different sets of labels.
pub const MAX_LABEL_SETS: usize = 1_000;
/// The label in place of those that are not kept.
pub const OTHER: &str = "other";

#[cfg(test)]
mod tests;
