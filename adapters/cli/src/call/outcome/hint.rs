//! What may help, where a failure alone does not say it: which limit it was, and what else the port may speak.

use tchannel_rpc::{CallError, CloseReason, ErrorCode, HostPort, Origin, Phase};

use crate::reach::Reach;

/// A sentence about a failure of this side; nothing where the failure says all.
pub(super) fn of(error: &CallError, reach: &Reach) -> Option<String> {
    if error.origin() == Origin::Remote {
        return None;
    }
    let limit = limit(error, reach);
    let help = help(error, reach, limit.is_some());
    match (limit, help) {
        (Some(limit), Some(help)) => Some(format!("{limit}; {help}")),
        (limit, help) => limit.or(help.map(str::to_owned)),
    }
}

/// The limit that was reached, by the option that sets it.
fn limit(error: &CallError, reach: &Reach) -> Option<String> {
    // A connection says so of all calls that wait for it.
    if error.message().starts_with(&CloseReason::HandshakeTimeout.to_string()) {
        return Some(format!("the limit was --connect-timeout {}", reach.connect_timeout().as_millis()));
    }
    let whole = reach.timeout().as_millis();
    error.is_timeout().then(|| format!("the limit was --timeout {whole}"))
}

fn help(error: &CallError, reach: &Reach, timed_out: bool) -> Option<&'static str> {
    let speaks_tls = reach.speaks_tls();
    if let Some(meaning) = tls(&error.to_string()).filter(|_| speaks_tls) {
        return Some(meaning);
    }
    let is_named =
        error.peer().is_some_and(|peer| peer.parse().is_ok_and(|peer: HostPort| peer.name().is_some()));
    match error.phase() {
        Phase::Connect if timed_out && speaks_tls => {
            Some("the port may not be reachable, or may not speak TLS")
        }
        Phase::Connect if timed_out && is_named => {
            Some("its name was being looked up, or its addresses do not answer")
        }
        Phase::Connect if timed_out => {
            Some("the address does not answer: a firewall may drop what is sent there")
        }
        Phase::Handshake if timed_out => {
            Some("the port takes connections and says nothing: it may wait for another protocol, or hang")
        }
        Phase::Handshake if error.message().contains("got TLS") => Some("--tls is for ports that speak TLS"),
        Phase::Handshake if error.message().contains("another protocol") => None,
        Phase::Handshake if error.code() == ErrorCode::Network && !speaks_tls => {
            Some("who closes so early may speak another protocol, or TLS: --tls")
        }
        Phase::Handshake if matches!(error.code(), ErrorCode::Network | ErrorCode::Fatal) => {
            Some("the port may speak another protocol")
        }
        Phase::Queue | Phase::Connect | Phase::Handshake | Phase::Waiting => None,
    }
}

/// What rustls means.
fn tls(words: &str) -> Option<&'static str> {
    const STRANGER: &str = "--cacert FILE names authorities to trust, --insecure trusts anyone";
    const MEANINGS: [(&str, &str); 5] = [
        ("InvalidContentType", "the port does not speak TLS: leave out --tls"),
        ("UnknownIssuer", STRANGER),
        ("BadSignature", STRANGER),
        ("not valid for", "--servername NAME says which name the certificate is for"),
        ("CertificateRequired", "--cert FILE and --key FILE are shown to peers that ask for them"),
    ];
    MEANINGS.iter().find(|(word, _)| words.contains(word)).map(|(_, meaning)| *meaning)
}
