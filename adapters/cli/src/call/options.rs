//! The words of `call`.

use std::path::PathBuf;

use clap::Args;

use super::codec::Shown;
use super::repeat::Repeat;
use crate::exit::Failure;
use crate::reach::Reach;
use crate::request::RequestOptions;

/// Calls an endpoint, and prints the answer as one line of JSON.
///
/// The first word of a command line may be left out that says `call`. The options are those of tcurl.
#[derive(Args)]
#[command(
    display_name = "tchannel",
    override_usage = "tchannel [call] [OPTIONS] SERVICE ENDPOINT [BODY]\n       \
                            tchannel [call] [OPTIONS] SERVICE --health"
)]
pub(crate) struct Options {
    /// The service to call. What an option names is left out here.
    #[arg(value_name = "SERVICE")]
    first: Option<String>,
    /// The endpoint to call, in Thrift `Service::method`.
    #[arg(value_name = "ENDPOINT")]
    second: Option<String>,
    /// The body, in Thrift an object with the arguments; `-` is stdin, `@FILE` a file.
    #[arg(value_name = "BODY")]
    third: Option<String>,

    #[command(flatten, next_help_heading = "Call")]
    arguments: Arguments,
    #[command(flatten)]
    pub(super) reach: Reach,
    /// Calls every peer instead of one of them, and prints an answer for each, in their order.
    #[arg(long, help_heading = "Peers")]
    pub(super) all_peers: bool,
    #[command(flatten)]
    pub(super) request: RequestOptions,
    #[command(flatten)]
    pub(super) repeat: Repeat,
    #[command(flatten, next_help_heading = "Output")]
    pub(super) output: Output,
}

/// What is called, with what.
#[derive(Args)]
struct Arguments {
    /// The service to call.
    #[arg(short, long, value_name = "NAME")]
    service: Option<String>,
    /// The endpoint to call.
    #[arg(short = '1', long, visible_alias = "method", visible_alias = "arg1", value_name = "NAME")]
    endpoint: Option<String>,
    /// The body.
    #[arg(short = '3', long, visible_alias = "arg3", value_name = "BODY")]
    body: Option<String>,
    /// Application headers: an object of texts in JSON; with --raw any text.
    #[arg(short = '2', long, visible_alias = "head", visible_alias = "arg2", value_name = "HEADERS")]
    headers: Option<String>,
    /// Headers and body are sent as they are.
    #[arg(short, long)]
    raw: bool,
    /// As --raw, with headers and body given and shown as hexadecimal digits.
    #[arg(long)]
    hex: bool,
    /// Headers and body are JSON, also where the endpoint contains `::`. The default where it does not.
    #[arg(short, long, visible_short_alias = 'J')]
    json: bool,
    /// Thrift, with this IDL: a file, or a directory that has SERVICE.thrift or another file with the Thrift service.
    #[arg(short, long, value_name = "FILE|DIR")]
    thrift: Option<PathBuf>,
    /// Thrift, with the IDL that the server gives.
    #[arg(long)]
    idl_from_server: bool,
    /// Refuses arguments that the IDL does not have, and required ones that are missing. The default.
    #[arg(long, overrides_with = "no_strict")]
    strict: bool,
    /// Leaves both out.
    #[arg(short = 'S', long, overrides_with = "strict")]
    no_strict: bool,
    /// Asks the service for its health.
    #[arg(long)]
    health: bool,
}

/// What is printed of it.
#[derive(Args)]
pub(super) struct Output {
    /// Adds peer, attempts and latency to the answer, and tells on stderr what happens to connections.
    #[arg(long)]
    pub(super) verbose: bool,
    /// Prints the body alone; with --raw its bytes as they are.
    #[arg(long)]
    pub(super) body_only: bool,
}

/// What is called, with what, as the words say it.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) service: String,
    /// Empty for the health check.
    pub(super) endpoint: String,
    pub(super) headers: Option<String>,
    pub(super) body: Option<String>,
    pub(super) scheme: Scheme,
    pub(super) strict: bool,
}

/// What the arguments are.
#[derive(Debug)]
pub(super) enum Scheme {
    Raw(Shown),
    Json,
    /// Thrift with the IDL in this place.
    File(PathBuf),
    /// Thrift with the server's IDL.
    Server,
    Health,
}

impl Options {
    /// Who is called with what: words stand for what no option names, in their order.
    pub(super) fn target(&self) -> Result<Target, Failure> {
        let Arguments { service, endpoint, body, headers, .. } = &self.arguments;
        let mut words = [&self.first, &self.second, &self.third].into_iter().flatten().cloned();
        let mut named = |option: &Option<String>| option.clone().or_else(|| words.next());
        let service = named(service).ok_or_else(|| missing("service"))?;
        let (endpoint, body) = if self.arguments.health {
            (String::new(), None)
        } else {
            (named(endpoint).ok_or_else(|| missing("endpoint"))?, named(body))
        };
        if let Some(word) = words.next() {
            return Err(Failure::local(format!(
                "{word:?} is a word too many: service, endpoint and body are named"
            )));
        }
        let scheme = self.arguments.scheme(&endpoint)?;
        let strict = !self.arguments.no_strict;
        Ok(Target { service, endpoint, headers: headers.clone(), body, scheme, strict })
    }
}

impl Arguments {
    fn scheme(&self, endpoint: &str) -> Result<Scheme, Failure> {
        if self.health {
            Ok(Scheme::Health)
        } else if self.hex {
            Ok(Scheme::Raw(Shown::Hex))
        } else if self.raw {
            Ok(Scheme::Raw(Shown::Text))
        } else if self.json {
            Ok(Scheme::Json)
        } else if let Some(place) = &self.thrift {
            Ok(Scheme::File(place.clone()))
        } else if self.idl_from_server {
            Ok(Scheme::Server)
        } else if endpoint.contains("::") {
            Err(Failure::local(format!(
                "{endpoint} looks like Thrift: name its IDL with -t FILE or --idl-from-server, or say --json or --raw"
            )))
        } else {
            Ok(Scheme::Json)
        }
    }
}

fn missing(what: &str) -> Failure {
    Failure::local(format!(
        "no {what}: tchannel [call] [OPTIONS] SERVICE ENDPOINT [BODY], or SERVICE --health"
    ))
}
