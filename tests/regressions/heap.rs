//! The heap as the allocator sees it. It counts for each thread, so tests that measure may run side by side.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

pub(crate) const KIB: i64 = 1 << 10;
pub(crate) const MIB: i64 = 1 << 20;

thread_local! {
    static LIVE: Cell<i64> = const { Cell::new(0) };
    static PEAK: Cell<i64> = const { Cell::new(0) };
}

/// Bytes that are allocated now, against those at the beginning.
pub(crate) struct Heap {
    before: i64,
}

impl Heap {
    /// Measures from here on. One at a time in each thread: a new one forgets the peak of the others.
    pub(crate) fn now() -> Self {
        let before = LIVE.with(Cell::get);
        PEAK.with(|peak| peak.set(before));
        Heap { before }
    }

    /// What it grew by.
    pub(crate) fn grown(&self) -> i64 {
        LIVE.with(Cell::get) - self.before
    }

    /// The most that it had grown by at any moment.
    pub(crate) fn peak(&self) -> i64 {
        PEAK.with(Cell::get) - self.before
    }
}

pub(crate) fn signed(len: usize) -> i64 {
    i64::try_from(len).expect("a length fits")
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count(bytes: i64) {
    // A thread that ends frees memory after its counters are gone.
    let _ = LIVE.try_with(|live| {
        live.set(live.get() + bytes);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(live.get())));
    });
}

fn size(layout: Layout) -> i64 {
    i64::try_from(layout.size()).unwrap_or(i64::MAX)
}

// Passes everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(size(layout));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-size(layout));
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, new: usize) -> *mut u8 {
        count(i64::try_from(new).unwrap_or(i64::MAX) - size(layout));
        unsafe { System.realloc(at, layout, new) }
    }
}
