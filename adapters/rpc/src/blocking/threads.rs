//! Threads that are kept for a while and used again.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::shared::lock;
use crate::shared::wait::Wait;

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A growing set of threads, each of which runs one task at a time. Clones are one set.
///
/// A task gets a thread at once: one that is free, or a new one. If the system gives no more, the task is dropped, which
/// ends its connection or fails its request. A thread without a task ends after 5 s, or once the last clone is dropped.
#[derive(Clone, Default)]
pub struct Threads(Arc<Owned>);

/// What clones share; the threads themselves share less, so that they learn when the last clone is gone.
#[derive(Default)]
struct Owned(Arc<Shared>);

impl Drop for Owned {
    fn drop(&mut self) {
        lock(&self.0.queue).unowned = true;
        self.0.more.notify_all();
    }
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    more: Condvar,
}

#[derive(Default)]
struct Queue {
    tasks: VecDeque<Task>,
    /// Threads that wait for a task.
    free: usize,
    /// All of them.
    threads: usize,
    /// Nobody will bring more tasks.
    unowned: bool,
}

impl Threads {
    /// Threads there are, those that wait for a task included.
    pub fn count(&self) -> usize {
        lock(&self.0.0.queue).threads
    }

    pub(super) fn run(&self, task: Task) {
        let shared = &self.0.0;
        let mut queue = lock(&shared.queue);
        if queue.free > queue.tasks.len() {
            queue.tasks.push_back(task);
            drop(queue);
            shared.more.notify_one();
            return;
        }
        queue.threads += 1;
        drop(queue);
        let ended = Ended(shared.clone());
        let named = thread::Builder::new().name("tchannel".into());
        // Refused, the task is dropped: that is how its owner learns.
        let _ = named.spawn(move || {
            let ended = ended;
            task.wait();
            while let Some(task) = ended.0.next() {
                task.wait();
            }
        });
    }
}

impl Shared {
    fn next(&self) -> Option<Task> {
        let mut queue = lock(&self.queue);
        queue.free += 1;
        let idle = |queue: &mut Queue| queue.tasks.is_empty() && !queue.unowned;
        let waited = self.more.wait_timeout_while(queue, KEPT, idle);
        let (mut queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
        queue.free -= 1;
        queue.tasks.pop_front()
    }
}

/// Counts a thread out, also if its task panics.
struct Ended(Arc<Shared>);

impl Drop for Ended {
    fn drop(&mut self) {
        lock(&self.0.queue).threads -= 1;
    }
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Threads").field("count", &self.count()).finish_non_exhaustive()
    }
}

/// How long a thread without a task is kept.
const KEPT: Duration = Duration::from_secs(5);
