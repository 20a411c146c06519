//! Instructions, counted by valgrind in a process of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use crate::scenario::Scenario;

/// The word that makes this program run a scenario instead of measuring it.
pub(crate) const RUN: &str = "run";

/// Whether valgrind is there to count; if not, says how to get it.
pub(crate) fn is_here() -> bool {
    let found = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    if found.is_err() {
        eprintln!("valgrind counts the instructions, and is not installed: `apt-get install valgrind`");
    }
    found.is_ok()
}

/// Instructions of one call or frame. Two runs, one twice as long: what both do once is not in the difference.
pub(crate) fn count(scenario: &Scenario) -> f64 {
    let runs = [1, 2].map(|times| Run::start(scenario, times * scenario.turns));
    let [short, long] = runs.map(|run| {
        let file = run.finish();
        let total = total(&file);
        fs::remove_file(file).expect("valgrind wrote it");
        total
    });
    let each = u64::from(scenario.turns * scenario.each);
    let (whole, rest) = ((long - short) / each, (long - short) % each);
    let number = |part| f64::from(u32::try_from(part).expect("less than four billion"));
    number(whole) + number(rest) / number(each)
}

/// A file for `callgrind_annotate`.
pub(crate) fn profile(scenario: &Scenario) -> PathBuf {
    Run::start(scenario, 2 * scenario.turns).finish()
}

/// A process under valgrind.
struct Run {
    child: Child,
    file: PathBuf,
}

impl Run {
    fn start(scenario: &Scenario, turns: u32) -> Self {
        let file = env::temp_dir().join(format!("{}.{turns}.callgrind", scenario.name));
        let child = Command::new("valgrind")
            .args(["--tool=callgrind", "--quiet"])
            .arg(format!("--callgrind-out-file={}", file.display()))
            .arg(env::current_exe().expect("the system knows what runs"))
            .args([RUN, scenario.name, &turns.to_string()])
            // Valgrind counts a string move as one instruction a byte: the C library is told to copy without.
            .env("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-ERMS")
            .stdout(Stdio::null())
            .spawn()
            .expect("valgrind is installed");
        Run { child, file }
    }

    fn finish(mut self) -> PathBuf {
        let status = self.child.wait().expect("it was started");
        assert!(status.success(), "{} was not written: valgrind failed", self.file.display());
        self.file
    }
}

fn total(file: &Path) -> u64 {
    let written = fs::read_to_string(file).expect("valgrind wrote it");
    let total = written.lines().find_map(|line| line.strip_prefix("totals: ")).expect("callgrind sums up");
    total.trim().parse().expect("a number of instructions")
}
