//! What is measured: so many calls in flight, with bodies of such a size.

/// A row of the table.
#[derive(Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) name: &'static str,
    pub(crate) size: usize,
    pub(crate) in_flight: usize,
}

const fn cell(name: &'static str, size: usize, in_flight: usize) -> Cell {
    Cell { name, size, in_flight }
}

pub(crate) const ALL: &[Cell] = &[
    cell("16 B x 1", 16, 1),
    cell("16 B x 16", 16, 16),
    cell("16 B x 100", 16, 100),
    cell("16 B x 1000", 16, 1_000),
    cell("1 KiB x 1", 1 << 10, 1),
    cell("1 KiB x 100", 1 << 10, 100),
    cell("16 KiB x 100", 16 << 10, 100),
    cell("60 KiB x 16", 60 << 10, 16),
    cell("60 KiB x 100", 60 << 10, 100),
    cell("1 MiB x 1", 1 << 20, 1),
    cell("1 MiB x 16", 1 << 20, 16),
];
