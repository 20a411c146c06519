//! npm packages with two native add-ons.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::step::{Steps, scratch};
use super::{source, stamp};
use crate::peers::{Error, Peer};

const FILES: [&str; 3] = ["package.json", "stub-metrics/package.json", "stub-metrics/index.js"];

const NODE: &str = "install Node.js 20 with npm and its headers (Debian: apt install nodejs npm libnode-dev)";
const COMPILER: &str = "install a C++ compiler and make (Debian: apt install g++ make)";
const PYTHON: &str = "install Python 3, which builds native add-ons (Debian: apt install python3)";
const FAILED: &str =
    "it needs a reachable npm registry, and Node's headers beside `node` or a network to get them from";
const REFUSED: &str =
    "npm must run the install scripts of farmhash and sse4_crc32 (`npm config get ignore-scripts` tells)";

/// Loads every package that has or uses a native add-on.
const CHECK: &str = "require('farmhash'); require('sse4_crc32'); require('tchannel')";

pub(super) fn stamp(steps: &Steps) -> Result<String, Error> {
    let version = steps.ask("node", &["--version"], NODE)?;
    stamp::of(&FILES.map(|file| source(Peer::Node, file)), &version)
}

/// Fills an empty directory with `node_modules`.
pub(super) fn install(steps: &Steps, directory: &Path) -> Result<(), Error> {
    steps.ask("npm", &["--version"], NODE)?;
    steps.ask("g++", &["--version"], COMPILER)?;
    steps.ask("make", &["--version"], COMPILER)?;
    steps.ask("python3", &["--version"], PYTHON)?;
    copy_inputs(directory)?;
    let quiet = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--no-update-notifier"];
    steps.run(npm(steps, directory, &quiet)?, FAILED)?;
    if steps.run(check(directory), FAILED).is_err() {
        // npm may be set up not to run the install scripts of packages.
        steps.run(npm(steps, directory, &["rebuild"])?, FAILED)?;
        steps.run(check(directory), REFUSED)?;
    }
    Ok(())
}

fn copy_inputs(directory: &Path) -> Result<(), Error> {
    for file in FILES {
        let to = directory.join(file);
        let parent = to.parent().expect("it was joined");
        fs::create_dir_all(parent).map_err(Error::files("create", parent))?;
        fs::copy(source(Peer::Node, file), &to).map_err(Error::files("write", &to))?;
    }
    Ok(())
}

fn npm(steps: &Steps, directory: &Path, args: &[&str]) -> Result<Command, Error> {
    let mut command = Command::new("npm");
    command.args(args).current_dir(directory);
    command.env("npm_config_build_from_source", "true");
    command.env("npm_config_cache", scratch("npm")?);
    command.env("npm_config_devdir", scratch("node-gyp")?);
    command.env("TMPDIR", scratch("tmp")?);
    if let Some(prefix) = headers(steps)? {
        command.env("npm_config_nodedir", prefix);
    }
    Ok(command)
}

/// The directory below which `include/node` holds the headers of this node, if they are installed; they are
/// downloaded otherwise.
fn headers(steps: &Steps) -> Result<Option<PathBuf>, Error> {
    let program = PathBuf::from(steps.ask("node", &["-p", "process.execPath"], NODE)?);
    let prefix = program.parent().and_then(Path::parent);
    Ok(prefix.filter(|prefix| prefix.join("include/node/node.h").exists()).map(Path::to_owned))
}

fn check(directory: &Path) -> Command {
    let mut command = Command::new("node");
    command.args(["-e", CHECK]).current_dir(directory);
    command
}
