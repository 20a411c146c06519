//! The command line.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Command, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::exit::{Exit, TABLE};
use crate::{bench, call, decode, pages, ping, print, ringpop, serve};

/// Calls, measures, decodes and serves TChannel.
///
/// Without a verb it is `call`: `tchannel -p 10.0.0.1:4040 keyvalue health`.
#[derive(Parser)]
#[command(name = "tchannel", version, propagate_version = true, disable_version_flag = true, after_help = TABLE)]
#[command(arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,

    /// Prints what a shell completes words by: for bash, `source <(tchannel --completions bash)`.
    #[arg(long, value_name = "SHELL", exclusive = true)]
    completions: Option<Shell>,

    /// Prints the manual page of the program, or of a verb, for `man -l -`.
    #[arg(long, value_name = "VERB", exclusive = true, num_args = 0..=1, default_missing_value = "")]
    man: Option<String>,

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
    let asked = Arguments::try_parse_from(with_verb(words)).and_then(|arguments| match arguments {
        Arguments { verb: Some(verb), .. } => Ok(Asked::Verb(Box::new(verb))),
        Arguments { completions: Some(shell), .. } => Ok(Asked::Text(pages::completions(command(), shell))),
        Arguments { man: Some(verb), .. } => pages::manual(command(), &verb).map(Asked::Text),
        Arguments { verb: None, completions: None, man: None, .. } => {
            Err(command().error(ErrorKind::MissingSubcommand, "say what to do"))
        }
    });
    match asked {
        Ok(Asked::Verb(verb)) => Ok(*verb),
        Ok(Asked::Text(text)) => {
            print::bytes(&text);
            Err(print::end(Exit::Ok).into())
        }
        Err(told) => {
            // Nobody reads any more: the exit code says it all.
            let _reader_gone = told.print();
            let asked = matches!(told.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            Err(if asked { Exit::Ok } else { Exit::Local }.into())
        }
    }
}

/// Either something to do, or something to read.
enum Asked {
    Verb(Box<Verb>),
    Text(Vec<u8>),
}

/// All that can be said to the program.
fn command() -> Command {
    let mut command = Arguments::command();
    command.build();
    command
}

/// The same words, with the verb that is meant where there is none.
fn with_verb(words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = words.into_iter().collect();
    let program = command();
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
