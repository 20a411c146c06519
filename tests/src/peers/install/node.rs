//! npm packages with two native add-ons.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::step::{Steps, scratch};
use super::{source, stamp};
use crate::peers::{Error, Peer};

/// Packages that run on Node.
pub(super) struct Packages {
    peer: Peer,
    files: &'static [&'static str],
    /// Loads every package that has or uses a native add-on.
    check: &'static str,
}

pub(super) const CLIENT: Packages = Packages {
    peer: Peer::Node,
    files: &["package.json", "stub-metrics/package.json", "stub-metrics/index.js"],
    check: "require('farmhash'); require('sse4_crc32'); require('tchannel')",
};

pub(super) const ROUTER: Packages = Packages {
    peer: Peer::Hyperbahn,
    files: &[
        "package.json",
        "stubs/gc-stats/binding.js",
        "stubs/gc-stats/index.js",
        "stubs/gc-stats/package.json",
        "stubs/logtron/entry.js",
        "stubs/logtron/index.js",
        "stubs/logtron/package.json",
        "stubs/metrics/index.js",
        "stubs/metrics/package.json",
        "stubs/nothing/index.js",
        "stubs/nothing/package.json",
        "stubs/raynos-replr/index.js",
        "stubs/raynos-replr/lib/ReplrServer.js",
        "stubs/raynos-replr/package.json",
        "stubs/toobusy/index.js",
        "stubs/toobusy/package.json",
    ],
    check: "require('farmhash'); require('sse4_crc32'); require('hyperbahn/app.js')",
};

const NODE: &str = "install Node.js 20 with npm and its headers (Debian: apt install nodejs npm libnode-dev)";
const COMPILER: &str = "install a C++ compiler and make (Debian: apt install g++ make)";
const PYTHON: &str = "install Python 3, which builds native add-ons (Debian: apt install python3)";
const FAILED: &str =
    "it needs a reachable npm registry, and Node's headers beside `node` or a network to get them from";
const REFUSED: &str =
    "npm must run the install scripts of farmhash and sse4_crc32 (`npm config get ignore-scripts` tells)";

pub(super) fn stamp(steps: &Steps, packages: &Packages) -> Result<String, Error> {
    let version = steps.ask("node", &["--version"], NODE)?;
    let files: Vec<PathBuf> = packages.files.iter().map(|file| source(packages.peer, file)).collect();
    stamp::of(&files, &version)
}

/// Fills an empty directory with `node_modules`.
pub(super) fn install(steps: &Steps, packages: &Packages, directory: &Path) -> Result<(), Error> {
    steps.ask("npm", &["--version"], NODE)?;
    steps.ask("g++", &["--version"], COMPILER)?;
    steps.ask("make", &["--version"], COMPILER)?;
    steps.ask("python3", &["--version"], PYTHON)?;
    copy_inputs(packages, directory)?;
    let quiet = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--no-update-notifier"];
    steps.run(npm(steps, directory, &quiet)?, FAILED)?;
    if steps.run(check(packages, directory), FAILED).is_err() {
        // npm may be set up not to run the install scripts of packages.
        steps.run(npm(steps, directory, &["rebuild"])?, FAILED)?;
        steps.run(check(packages, directory), REFUSED)?;
    }
    Ok(())
}

fn copy_inputs(packages: &Packages, directory: &Path) -> Result<(), Error> {
    for file in packages.files {
        let to = directory.join(file);
        let parent = to.parent().expect("it was joined");
        fs::create_dir_all(parent).map_err(Error::files("create", parent))?;
        fs::copy(source(packages.peer, file), &to).map_err(Error::files("write", &to))?;
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

fn check(packages: &Packages, directory: &Path) -> Command {
    let mut command = Command::new("node");
    command.args(["-e", packages.check]).current_dir(directory);
    command
}
