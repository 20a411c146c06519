//! A virtual environment with pip packages, some of them in C.

use std::path::Path;
use std::process::Command;

use super::step::{Steps, scratch};
use super::{source, stamp};
use crate::peers::{Error, Peer};

const PYTHON: &str = "install Python 3.11 (Debian: apt install python3)";
const VENV: &str = "install Python's venv module (Debian: apt install python3-venv)";
const HEADERS: &str = "install Python's C headers (Debian: apt install python3-dev)";
const COMPILER: &str = "install a C compiler (Debian: apt install gcc)";
const FAILED: &str = "it needs a reachable Python package index";

/// What is installed, and how: of some packages only the Thrift files are wanted, not what they need to run.
const REQUIREMENTS: [(&str, &[&str]); 2] =
    [("requirements.txt", &[]), ("idl-requirements.txt", &["--no-deps"])];

const HAS_VENV: &str = "import venv, ensurepip";
const HAS_HEADERS: &str =
    "import os, sysconfig; os.stat(os.path.join(sysconfig.get_path('include'), 'Python.h'))";
const CHECK: &str = "import tchannel, tornado, thriftrw, crcmod";

pub(super) fn stamp(steps: &Steps) -> Result<String, Error> {
    let version = steps.ask("python3", &["--version"], PYTHON)?;
    stamp::of(&REQUIREMENTS.map(|(file, _)| source(Peer::Python, file)), &version)
}

/// Fills an empty directory with `venv`.
pub(super) fn install(steps: &Steps, directory: &Path) -> Result<(), Error> {
    steps.ask("python3", &["-c", HAS_VENV], VENV)?;
    steps.ask("python3", &["-c", HAS_HEADERS], HEADERS)?;
    steps.ask("gcc", &["--version"], COMPILER)?;

    let mut create = Command::new("python3");
    create.args(["-m", "venv"]).arg(directory.join("venv"));
    steps.run(create, VENV)?;

    let python = directory.join("venv/bin/python");
    for (file, options) in REQUIREMENTS {
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--no-input", "--disable-pip-version-check"]).args(options);
        pip.arg("--requirement").arg(source(Peer::Python, file));
        pip.env("PIP_CACHE_DIR", scratch("pip")?).env("TMPDIR", scratch("tmp")?);
        steps.run(pip, FAILED)?;
    }

    let mut check = Command::new(&python);
    check.args(["-c", CHECK]);
    steps.run(check, FAILED)
}
