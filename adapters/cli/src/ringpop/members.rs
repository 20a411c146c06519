//! All members, as all nodes see them.

use std::collections::{BTreeMap, BTreeSet};

use super::ask::Answer;
use super::node::{Member, Node};

/// How each node sees a member; `None` for one that does not know it, or does not answer.
pub(super) type Views<'a> = Vec<Option<&'a Member>>;

/// Every member that anybody knows, with the views of the nodes in their order.
pub(super) fn seen(nodes: &[Answer<Node>]) -> BTreeMap<&str, Views<'_>> {
    let views: Vec<Option<&BTreeMap<String, Member>>> =
        nodes.iter().map(|answer| answer.said.as_ref().ok().map(|node| &node.members)).collect();
    let all: BTreeSet<&str> =
        views.iter().flatten().flat_map(|members| members.keys()).map(String::as_str).collect();
    let of =
        |member: &str| views.iter().map(|members| members.and_then(|members| members.get(member))).collect();
    all.into_iter().map(|member| (member, of(member))).collect()
}

/// Members that somebody takes for alive, and that were not asked.
pub(super) fn not_asked<'a>(seen: &BTreeMap<&'a str, Views<'_>>, nodes: &[Answer<Node>]) -> Vec<&'a str> {
    let lives = |views: &Views<'_>| views.iter().flatten().any(|member| member.status == ALIVE);
    let asked = |member: &str| nodes.iter().any(|answer| answer.peer == member);
    seen.iter().filter(|(member, views)| lives(views) && !asked(member)).map(|(member, _)| *member).collect()
}

const ALIVE: &str = "alive";
