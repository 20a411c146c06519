//! The program under test.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Where it is.
pub(super) const TCHANNEL: &str = env!("CARGO_BIN_EXE_tchannel");

/// A run of it that has ended by itself.
pub(super) struct Ran {
    pub(super) code: i32,
    /// What it printed.
    pub(super) stdout: String,
    /// What it told people.
    pub(super) told: String,
}

/// Runs it to its end.
pub(super) fn tchannel<W: AsRef<str>>(words: impl AsRef<[W]>) -> Ran {
    tchannel_reading(words, b"")
}

/// The same, with this on its stdin.
pub(super) fn tchannel_reading<W: AsRef<str>>(words: impl AsRef<[W]>, stdin: &[u8]) -> Ran {
    let mut command = Command::new(TCHANNEL);
    command.args(words.as_ref().iter().map(AsRef::as_ref));
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may end without reading any of it.
    let _unread = child.stdin.take().unwrap().write_all(stdin);
    Ran::of(child.wait_with_output().unwrap())
}

/// A call to one peer, in time that is enough on a busy machine unless the words say otherwise.
pub(super) fn call(at: &str, words: &[&str]) -> Ran {
    tchannel([&["-p", at], words, patience(words)].concat())
}

/// The first run that does not end in a bad request: node listens before it has read the file that it serves Meta by.
pub(super) fn once_meta_is_served(run: impl Fn() -> Ran) -> Ran {
    let mut runs = std::iter::repeat_with(run).take(100);
    runs.find(|ran| ran.code != 6).expect("Meta is served")
}

/// Options for calls whose time does not matter.
pub(super) fn patience(words: &[&str]) -> &'static [&'static str] {
    let is_bounded = words.iter().any(|word| word.contains("timeout"));
    if is_bounded { &[] } else { &["--timeout", "60000", "--connect-timeout", "60000"] }
}

impl Ran {
    pub(super) fn of(output: Output) -> Self {
        Ran {
            code: output.status.code().expect("it ends by itself"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            told: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The values that it printed, one a line.
    pub(super) fn values(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The one value that it printed.
    #[track_caller]
    pub(super) fn value(&self) -> Value {
        match &self.values()[..] {
            [value] => value.clone(),
            values => panic!("one value is expected: {values:?}; {}", self.told),
        }
    }

    /// Ended so, with these words among those for people.
    #[track_caller]
    pub(super) fn expect(&self, code: i32, words: &[&str]) -> &Self {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.told);
        for words in words {
            assert!(self.told.contains(words), "{words:?} is not in {:?}", self.told);
        }
        self
    }
}
