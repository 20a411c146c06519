//! The commands of an installation.

use std::fs::{self, File};
use std::io::{self, PipeReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::peers::{Error, Peer, installations};

/// Downloads and compilers on a busy machine; a step takes about a minute.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// Runs the commands of one installation.
///
/// Commands that change something have the lock file as their stdin, so that it stays locked while one of them lives,
/// even if this process is killed.
pub(super) struct Steps {
    pub(super) peer: Peer,
    pub(super) lock: File,
}

impl Steps {
    /// Runs a program that only tells something, and returns what it told. That it cannot be run or is not content
    /// means that something is missing, with this remedy.
    pub(super) fn ask(&self, program: &str, args: &[&str], remedy: &'static str) -> Result<String, Error> {
        let missing = |reason: &str| {
            let what = format!("`{program}` ({reason})");
            Error::Missing { peer: self.peer, what, remedy }
        };
        match Command::new(program).args(args).stdin(Stdio::null()).output() {
            Ok(output) if output.status.success() => {
                Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
            }
            Ok(output) => Err(missing(&format!(
                "{}, {}",
                output.status,
                String::from_utf8_lossy(&output.stderr).trim()
            ))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(missing("not found")),
            Err(error) => Err(missing(&error.to_string())),
        }
    }

    /// Runs a step of the installation. What it wrote is part of the error if it fails or takes too long.
    pub(super) fn run(&self, command: Command, remedy: &'static str) -> Result<(), Error> {
        let step = line(&command);
        let mut output = Vec::new();
        let ending = match self.finish(command, &mut output) {
            Ok(None) => return Ok(()),
            Ok(Some(ending)) => ending,
            Err(error) => format!("could not be run ({error})"),
        };
        let output = String::from_utf8_lossy(&output).into_owned();
        Err(Error::Install { peer: self.peer, step, ending, remedy, output })
    }

    /// How the command failed, if it did.
    fn finish(&self, mut command: Command, output: &mut Vec<u8>) -> io::Result<Option<String>> {
        let (reader, writer) = io::pipe()?;
        command.stdin(self.lock.try_clone()?).stdout(writer.try_clone()?).stderr(writer);
        let mut child = command.spawn()?;
        // The command keeps its ends of the pipe open.
        drop(command);
        if !collect(&chunks_of(reader), output) {
            end(&mut child);
            return Ok(Some(format!("took more than {} minutes", LIMIT.as_secs() / 60)));
        }
        let status = child.wait()?;
        Ok((!status.success()).then(|| format!("failed with {status}")))
    }
}

/// A directory below `target/peers` that both installers may use for what they download and build.
pub(super) fn scratch(name: &str) -> Result<PathBuf, Error> {
    let path = installations().join("scratch").join(name);
    fs::create_dir_all(&path).map_err(Error::files("create", &path))?;
    Ok(path)
}

/// Whether the output ended in time.
fn collect(chunks: &Receiver<Vec<u8>>, output: &mut Vec<u8>) -> bool {
    let deadline = Instant::now() + LIMIT;
    loop {
        match chunks.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(chunk) => output.extend(chunk),
            Err(RecvTimeoutError::Disconnected) => return true,
            Err(RecvTimeoutError::Timeout) => return false,
        }
    }
}

fn chunks_of(mut reader: PipeReader) -> Receiver<Vec<u8>> {
    let (sender, chunks) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = reader.read(&mut buffer) {
            if sender.send(buffer[..length].to_vec()).is_err() {
                break;
            }
        }
    });
    chunks
}

fn end(child: &mut Child) {
    let _already_gone = child.kill();
    let _already_reaped = child.wait();
}

fn line(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
