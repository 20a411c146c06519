//! Queues for owners who may forget to ask.

use alloc::collections::VecDeque;

/// A queue that takes `MOST` entries; later ones are dropped, and counted.
#[derive(Debug)]
pub(super) struct Bounded<T, const MOST: usize> {
    queue: VecDeque<T>,
    dropped: u64,
}

impl<T, const MOST: usize> Bounded<T, MOST> {
    pub(super) fn push(&mut self, entry: T) {
        if self.queue.len() < MOST {
            self.queue.push_back(entry);
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        self.queue.pop_front()
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }
}

impl<T, const MOST: usize> Default for Bounded<T, MOST> {
    fn default() -> Self {
        Bounded { queue: VecDeque::new(), dropped: 0 }
    }
}
