//! The heap as the allocator sees it. It counts for each thread, so tests that measure may run side by side.
//!
//! Measures nothing unless [`Counting`] is the program's allocator.
#![allow(unsafe_code, reason = "an allocator is unsafe to implement; this one only counts")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// 1,024 bytes.
pub const KIB: i64 = 1 << 10;
/// 1,024 KiB.
pub const MIB: i64 = 1 << 20;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static LIVE: Cell<i64> = const { Cell::new(0) };
    static PEAK: Cell<i64> = const { Cell::new(0) };
}

/// Allocations of this thread so far; one that grows counts again.
pub fn allocations() -> u64 {
    ALLOCATIONS.with(Cell::get)
}

/// Bytes that are allocated now, against those at the beginning.
pub struct Heap {
    before: i64,
}

impl Heap {
    /// Measures from here on. One at a time in each thread: a new one forgets the peak of the others.
    pub fn now() -> Self {
        let before = LIVE.with(Cell::get);
        PEAK.with(|peak| peak.set(before));
        Heap { before }
    }

    /// What it grew by, in bytes.
    pub fn grown(&self) -> i64 {
        LIVE.with(Cell::get) - self.before
    }

    /// The most that it had grown by at any moment, in bytes.
    pub fn peak(&self) -> i64 {
        PEAK.with(Cell::get) - self.before
    }
}

/// A length as a number that can be subtracted.
pub fn signed(len: usize) -> i64 {
    i64::try_from(len).expect("a length fits")
}

/// The system's allocator, counted.
pub struct Counting;

fn count(allocations: u64, bytes: i64) {
    // A thread that ends frees memory after its counters are gone.
    let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + allocations));
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
        count(1, size(layout));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(0, -size(layout));
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, new: usize) -> *mut u8 {
        count(1, i64::try_from(new).unwrap_or(i64::MAX) - size(layout));
        unsafe { System.realloc(at, layout, new) }
    }
}
