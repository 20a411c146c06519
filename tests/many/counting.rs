//! What the process holds: bytes of its heap, file descriptors, threads.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

struct Counting;

static LIVE: AtomicI64 = AtomicI64::new(0);
static BLOCKS: AtomicI64 = AtomicI64::new(0);

fn count(blocks: i64, bytes: i64) {
    BLOCKS.fetch_add(blocks, Ordering::Relaxed);
    LIVE.fetch_add(bytes, Ordering::Relaxed);
}

fn signed(len: usize) -> i64 {
    i64::try_from(len).expect("a length fits")
}

// Passes everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1, signed(layout.size()));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-1, -signed(layout.size()));
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(0, signed(size) - signed(layout.size()));
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What the process holds at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) descriptors: usize,
    pub(crate) threads: usize,
    /// Of the Tokio runtime that this is asked on.
    pub(crate) tasks: usize,
    /// Allocations that are in use.
    pub(crate) blocks: i64,
    /// Bytes in them.
    pub(crate) bytes: i64,
}

impl Held {
    pub(crate) fn now() -> Self {
        let descriptors = fs::read_dir("/proc/self/fd").expect("Linux has it").count();
        let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
        let threads = threads();
        let (blocks, bytes) = (BLOCKS.load(Ordering::Relaxed), LIVE.load(Ordering::Relaxed));
        Held { descriptors, threads, tasks, blocks, bytes }
    }

    /// Once it has not changed for longer than anything is kept for later.
    pub(crate) async fn when_quiet(kept: Duration) -> Self {
        let mut held = Held::now();
        let mut since = Instant::now();
        let mut look = tokio::time::interval(kept / 60);
        while since.elapsed() < kept {
            look.tick().await;
            let now = Held::now();
            if now != held {
                (held, since) = (now, Instant::now());
            }
        }
        held
    }
}

/// Threads, but for those of the test harness, which are named after their tests.
fn threads() -> usize {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux has it").flatten();
    let names = tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| !name.starts_with("idle::") && !name.starts_with("spent::")).count()
}
