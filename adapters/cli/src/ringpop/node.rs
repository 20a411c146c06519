//! What a node says of itself, and of its ring.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::ask::Trouble;

/// An answer of `/admin/stats`.
#[derive(Debug)]
pub(super) struct Node {
    /// Of all members, with their status and incarnation.
    pub(super) checksum: Value,
    /// Of those that own keys.
    pub(super) ring: Option<Value>,
    pub(super) members: BTreeMap<String, Member>,
    pub(super) version: Option<String>,
    pub(super) uptime: Option<Duration>,
    /// All that it said.
    pub(super) stats: Value,
}

/// How a node sees a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) status: String,
    pub(super) incarnation: Option<i64>,
}

impl Node {
    pub(super) fn read(stats: Value) -> Result<Self, Trouble> {
        let membership =
            stats.get("membership").ok_or_else(|| Trouble::unreadable("it has no membership"))?;
        let checksum =
            membership.get("checksum").filter(|checksum| checksum.is_number() || checksum.is_string());
        let checksum =
            checksum.ok_or_else(|| Trouble::unreadable("it has no checksum: is it still joining?"))?;
        let members = membership.get("members").and_then(Value::as_array);
        let members = members.ok_or_else(|| Trouble::unreadable("it has no members"))?;
        let uptime = stats.get("uptime").and_then(Value::as_u64);
        Ok(Node {
            checksum: checksum.clone(),
            ring: stats.pointer("/ring/checksum").filter(|checksum| !checksum.is_null()).cloned(),
            members: members.iter().filter_map(member).collect(),
            version: stats.get("version").and_then(Value::as_str).map(str::to_owned),
            uptime: uptime.map(Duration::from_millis),
            stats,
        })
    }

    pub(super) fn incarnation_of(&self, member: &str) -> Option<i64> {
        self.members.get(member)?.incarnation
    }

    /// How many members have which status.
    pub(super) fn by_status(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for member in self.members.values() {
            *counts.entry(member.status.as_str()).or_default() += 1;
        }
        counts
    }
}

fn member(said: &Value) -> Option<(String, Member)> {
    let text = |key: &str| said.get(key).and_then(Value::as_str).map(str::to_owned);
    let incarnation = said.get("incarnationNumber").and_then(Value::as_i64);
    Some((text("address")?, Member { status: text("status")?, incarnation }))
}
