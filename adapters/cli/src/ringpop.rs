//! `tchannel ringpop`: what the members of a ring say, side by side.

mod ask;
mod looks;
mod members;
mod node;
mod verdict;

use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::print;
use crate::reach::{Reach, part};

use self::ask::{Answer, Trouble, ask_all};
use self::node::Node;
use self::verdict::Verdict;

/// Asks every given member of a Ringpop ring, and compares what they say. It never joins the ring.
///
/// A line tells whether all have the same checksum. A ring in which they differ is split, or changes at this moment: exit
/// code 124. For a member that does not answer it is that of a call without answer.
#[derive(Args)]
pub(crate) struct Options {
    /// What to ask.
    what: What,
    /// The key to look up.
    #[arg(value_name = "KEY", required_if_eq("what", "lookup"))]
    of: Option<String>,
    #[command(flatten)]
    reach: Reach,
    /// Tells all as one line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// How each of them is: version, uptime, members by status, checksums.
    Stats,
    /// Whether each of them answers gossip; in its own name, so that it learns nothing.
    Ping,
    /// Which member each of them takes for the owner of a key.
    Lookup,
    /// How each of them sees each member.
    Members,
}

pub(crate) async fn ringpop(options: Options) -> Result<Exit, Failure> {
    if options.of.is_some() && options.what != What::Lookup {
        return Err(Failure::local("only `lookup` takes a key"));
    }
    let peers = options.reach.peers()?;
    let channel = options.reach.channel()?;
    let shown = match options.what {
        What::Stats => looks::stats(&nodes(&channel, &peers).await),
        What::Members => looks::members(&nodes(&channel, &peers).await),
        What::Ping => looks::pings(&pings(&channel, &peers).await),
        What::Lookup => {
            let key = options.of.as_deref().unwrap_or_default();
            looks::owners(key, &owners(&channel, &peers, key).await)
        }
    };
    part(&[channel]).await;
    if options.json {
        print::value(&shown.json);
    } else {
        shown.lines.iter().for_each(|line| print::line(line));
        shown.verdict.iter().for_each(Verdict::print);
    }
    Ok(shown.exit)
}

/// What each peer says of itself and of the others.
async fn nodes(channel: &tchannel_rpc::Channel, peers: &[String]) -> Vec<Answer<Node>> {
    let answers = ask_all(channel, peers, "/admin/stats", |_| None).await;
    answers.into_iter().map(|answer| answer.and_then(|said| Node::read(said.body))).collect()
}

/// Whom each peer takes for the owner.
async fn owners(channel: &tchannel_rpc::Channel, peers: &[String], key: &str) -> Vec<Answer<String>> {
    let answers = ask_all(channel, peers, "/admin/lookup", |_| Some(json!({ "key": key }))).await;
    let owner = |body: Value| match body.get("dest").and_then(Value::as_str) {
        Some(owner) => Ok(owner.to_owned()),
        None => Err(Trouble::unreadable("it names no owner")),
    };
    answers.into_iter().map(|answer| answer.and_then(|said| owner(said.body))).collect()
}

/// What a gossip ping took, and how many changes came with its answer.
struct Pinged {
    took: Duration,
    changes: usize,
}

async fn pings(channel: &tchannel_rpc::Channel, peers: &[String]) -> Vec<Answer<Pinged>> {
    let nodes = nodes(channel, peers).await;
    let known = |peer: &str| {
        let answer = nodes.iter().find(|answer| answer.peer == peer)?;
        answer.said.as_ref().ok()
    };
    // A peer that gets its own checksum, in its own name, has nothing to learn and nobody to ask back.
    let gossip = |peer: &str| {
        let node = known(peer)?;
        let incarnation = node.incarnation_of(peer);
        Some(
            json!({ "source": peer, "sourceIncarnationNumber": incarnation, "checksum": node.checksum, "changes": [] }),
        )
    };
    let reachable: Vec<String> = peers.iter().filter(|peer| known(peer).is_some()).cloned().collect();
    let mut answers = ask_all(channel, &reachable, "/protocol/ping", gossip).await.into_iter();
    let pinged = |said: ask::Said| match said.body.get("changes").and_then(Value::as_array) {
        Some(changes) => Ok(Pinged { took: said.took, changes: changes.len() }),
        None => Err(Trouble::unreadable("it is no answer to gossip")),
    };
    let each = nodes.iter().map(|node| match &node.said {
        Ok(_) => answers.next().expect("each reachable peer has an answer").and_then(pinged),
        Err(trouble) => Answer { peer: node.peer.clone(), said: Err(trouble.clone()) },
    });
    each.collect()
}
