//! The command line.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::exit::{Exit, TABLE};
use crate::{call, serve};

/// Calls, measures, decodes and serves TChannel.
///
/// Without a verb it is `call`: `tchannel -p 10.0.0.1:4040 keyvalue health`.
#[derive(Parser)]
#[command(name = "tchannel", version, propagate_version = true, disable_version_flag = true, after_help = TABLE)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,

    /// Tells the version.
    #[arg(short = 'v', long, action = clap::ArgAction::Version, global = true)]
    version: Option<bool>,
}

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Calls an endpoint.
    Call(Box<call::Options>),
    /// Serves an echo service until it is stopped.
    Serve(serve::Options),
}

/// What the command line asks for; or what the program ends with at once, after it has told why.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Verb, ExitCode> {
    match Arguments::try_parse_from(words) {
        Ok(arguments) => Ok(arguments.verb),
        Err(told) => {
            // Nobody reads any more: the exit code says it all.
            let _reader_gone = told.print();
            let asked = matches!(told.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            Err(if asked { Exit::Ok } else { Exit::Local }.into())
        }
    }
}
