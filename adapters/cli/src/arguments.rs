//! The command line.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Command, CommandFactory, Parser, Subcommand};

use crate::exit::{Exit, TABLE};
use crate::{bench, call, decode, ping, ringpop, serve};

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
    Decode(decode::Options),
    /// Measures calls of an endpoint.
    Bench(Box<bench::Options>),
    /// Greets peers, and pings them.
    Ping(ping::Options),
    /// Compares what the members of a Ringpop ring say.
    Ringpop(ringpop::Options),
    /// Serves an echo service until it is stopped.
    Serve(serve::Options),
}

/// What the command line asks for; or what the program ends with at once, after it has told why.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Verb, ExitCode> {
    match Arguments::try_parse_from(with_verb(words)) {
        Ok(arguments) => Ok(arguments.verb),
        Err(told) => {
            // Nobody reads any more: the exit code says it all.
            let _reader_gone = told.print();
            let asked = matches!(told.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            Err(if asked { Exit::Ok } else { Exit::Local }.into())
        }
    }
}

/// The same words, with the verb that is meant where there is none.
fn with_verb(words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = words.into_iter().collect();
    let mut program = Arguments::command();
    program.build();
    let first = words.get(1).and_then(|first| first.to_str());
    if first.is_some_and(|first| !is_known(&program, first)) {
        words.insert(1, "call".into());
    }
    words
}

/// Whether it is a verb, or an option that stands before verbs.
fn is_known(program: &Command, word: &str) -> bool {
    let is_verb = program.find_subcommand(word).is_some();
    let option = word.split_once('=').map_or(word, |(option, _)| option);
    let is_option = program.get_arguments().any(|argument| {
        let long =
            argument.get_long().and_then(|long| option.strip_prefix("--").map(|option| option == long));
        let short = argument
            .get_short()
            .and_then(|short| option.strip_prefix('-').map(|option| option == short.to_string()));
        long == Some(true) || short == Some(true)
    });
    is_verb || is_option
}
