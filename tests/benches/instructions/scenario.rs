//! What is measured: a turn that can be repeated.

use crate::{calls, channels, frames, typed};

/// One thing to measure.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// Calls or frames in one turn.
    pub(crate) each: u32,
    /// Turns of the shorter run; the longer one has twice as many.
    pub(crate) turns: u32,
    /// Makes everything ready for the first turn.
    pub(crate) start: Box<dyn Fn() -> Turn>,
}

/// Does it once more.
pub(crate) type Turn = Box<dyn FnMut()>;

/// Turns until buffers have grown to their size.
const WARM_UP: u32 = 20;

impl Scenario {
    pub(crate) fn new<T: FnMut() + 'static>(name: &'static str, start: impl Fn() -> T + 'static) -> Self {
        let start = Box::new(move || Box::new(start()) as Turn);
        Scenario { name, each: 1, turns: 1_000, start }
    }

    /// Everything before the turns that count.
    pub(crate) fn warm(&self) -> Turn {
        let mut turn = (self.start)();
        for _ in 0..WARM_UP {
            turn();
        }
        turn
    }
}

/// Turns of calls with bodies of `len` bytes: valgrind is slow, and large calls vary little.
pub(crate) fn turns(len: usize) -> u32 {
    match len {
        0..0x4000 => 1_000,
        0x4000..0x8_0000 => 200,
        _ => 40,
    }
}

/// Every scenario, in the order of the table.
pub(crate) fn all() -> Vec<Scenario> {
    let mut all = calls::all();
    all.extend(channels::all());
    all.extend(frames::all());
    all.extend(typed::all());
    all
}
