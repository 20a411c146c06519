//! What others read about the program: shells, and `man`.

use clap::Command;
use clap::error::{Error, ErrorKind};
use clap_complete::{Shell, generate};
use clap_mangen::Man;

/// What a shell completes words by.
pub(crate) fn completions(mut program: Command, shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    let name = program.get_name().to_owned();
    generate(shell, &mut program, name, &mut script);
    script
}

/// The manual page of the program, or of one of its verbs.
pub(crate) fn manual(mut program: Command, verb: &str) -> Result<Vec<u8>, Error> {
    let page = match program.find_subcommand(verb) {
        _ if verb.is_empty() => program,
        Some(found) => found.clone().display_name(format!("{}-{verb}", program.get_name())),
        None => return Err(program.error(ErrorKind::InvalidValue, format!("there is no verb `{verb}`"))),
    };
    let mut written = Vec::new();
    Man::new(page).render(&mut written).map_err(|error| Error::raw(ErrorKind::Io, error.to_string()))?;
    Ok(written)
}
