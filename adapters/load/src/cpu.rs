//! Processor time of processes, as Linux counts it.

use std::fs;
use std::time::Duration;

/// Processor time of both sides, as far as the system tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cpu {
    /// That of this process.
    pub client: Option<Duration>,
    /// That of the server's, if it is known which that is.
    pub server: Option<Duration>,
}

impl Cpu {
    /// What the threads that are alive have used so far; `server` is the id of a process.
    pub fn used(server: Option<u32>) -> Self {
        let server = server.and_then(|id| sum(&format!("/proc/{id}/task")));
        Cpu { client: sum("/proc/self/task"), server }
    }

    /// What was used since `before`.
    #[must_use = "nothing is changed"]
    pub fn since(self, before: Cpu) -> Self {
        let since = |after: Option<Duration>, before| after.zip(before).map(|(a, b)| a.saturating_sub(b));
        Cpu { client: since(self.client, before.client), server: since(self.server, before.server) }
    }
}

fn sum(threads: &str) -> Option<Duration> {
    let mut total = None;
    for thread in fs::read_dir(threads).ok()? {
        // A thread may end meanwhile.
        let Ok(text) = fs::read_to_string(thread.ok()?.path().join("schedstat")) else { continue };
        let nanos = text.split(' ').next()?.parse().ok()?;
        total = Some(total.unwrap_or(Duration::ZERO) + Duration::from_nanos(nanos));
    }
    total
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn a_busy_process_uses_more_and_more() {
        let before = Cpu::used(None);
        while Cpu::used(None).since(before).client == Some(Duration::ZERO) {}
        assert_eq!(before.server, None);
    }

    #[test]
    fn a_process_is_found_by_its_id() {
        assert!(Cpu::used(Some(std::process::id())).server.is_some());
        assert_eq!(Cpu::used(Some(u32::MAX)).server, None);
    }
}
