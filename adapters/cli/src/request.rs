//! What is said of a call besides its arguments: the options that verbs share.

use std::num::NonZeroU32;

use clap::{Args, ValueEnum};
use tchannel_rpc::{ChecksumKind, Outbound, RetryFlags, Tracing};

/// Transport headers, checksum, retries, trace.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Request")]
pub(crate) struct RequestOptions {
    /// Names the shard of the service, for Ringpop (`sk`).
    #[arg(long, visible_alias = "sk", alias = "shardKey", value_name = "KEY")]
    shard_key: Option<String>,
    /// Names a service to route by instead (`rd`).
    #[arg(long, visible_alias = "rd", value_name = "SERVICE")]
    routing_delegate: Option<String>,
    /// Names a group of the service's instances (`rk`).
    #[arg(long, visible_alias = "rk", value_name = "KEY")]
    routing_key: Option<String>,
    /// Sets a transport header; give it again for more.
    #[arg(short = 'T', long = "topt", value_name = "KEY=VALUE", value_parser = pair)]
    transport_headers: Vec<(String, String)>,
    /// How argument bytes are protected [default: crc32c].
    #[arg(long, value_name = "KIND")]
    checksum: Option<Checksum>,
    /// Failures that allow another attempt: c, of the connection; t, a timeout; ct, both; n, none [default: c].
    #[arg(long, value_name = "FLAGS", hide_possible_values = true)]
    retry_on: Option<RetryOn>,
    /// Attempts in all, also several at one peer [default: 5, each at another peer].
    #[arg(long, value_name = "N")]
    attempts: Option<NonZeroU32>,
    /// The trace that the call is part of: up to 16 hexadecimal digits.
    #[arg(long, value_name = "HEX", value_parser = hexadecimal)]
    trace_id: Option<u64>,
    /// Has the trace recorded.
    #[arg(long)]
    sampled: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Checksum {
    None,
    Crc32,
    Crc32c,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RetryOn {
    C,
    T,
    Ct,
    N,
}

impl RequestOptions {
    /// A trace that is made for the call is recorded.
    pub(crate) fn is_sampled(&self) -> bool {
        self.sampled
    }

    /// The same call, with all this said of it.
    pub(crate) fn say(&self, mut call: Outbound) -> Outbound {
        if let Some(key) = &self.shard_key {
            call = call.shard_key(key.clone());
        }
        if let Some(service) = &self.routing_delegate {
            call = call.routing_delegate(service.clone());
        }
        if let Some(key) = &self.routing_key {
            call = call.routing_key(key.clone());
        }
        if let Some(checksum) = self.checksum {
            call = call.checksum(checksum.kind());
        }
        if let Some(retry_on) = self.retry_on {
            call = call.retry(retry_on.flags());
        }
        if let Some(attempts) = self.attempts {
            call = call.max_attempts(attempts).allow_same_peer(true);
        }
        if let Some(id) = self.trace_id {
            // Of the first span of a trace, all know that its id is the trace's.
            call = call.forward_tracing(Tracing {
                span_id: id,
                parent_id: 0,
                trace_id: id,
                flags: u8::from(self.sampled),
            });
        }
        call.headers(self.transport_headers.iter().cloned())
    }
}

impl Checksum {
    fn kind(self) -> ChecksumKind {
        match self {
            Checksum::None => ChecksumKind::None,
            Checksum::Crc32 => ChecksumKind::Crc32,
            Checksum::Crc32c => ChecksumKind::Crc32c,
        }
    }
}

impl RetryOn {
    fn flags(self) -> RetryFlags {
        let (connection, timeout) = match self {
            RetryOn::C => (true, false),
            RetryOn::T => (false, true),
            RetryOn::Ct => (true, true),
            RetryOn::N => (false, false),
        };
        RetryFlags { connection, timeout }
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.into(), value.into())),
        Some(_) | None => Err("write it as KEY=VALUE".into()),
    }
}

fn hexadecimal(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u64::from_str_radix(digits, 16)
        .ok()
        .filter(|_| plain)
        .ok_or_else(|| "write up to 16 hexadecimal digits".into())
}
