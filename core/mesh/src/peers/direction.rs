//! Which end opened a connection, and which one is preferred.

/// Which connections a peer is called over, where there is a choice. A preference only: others are used when there are
/// none of the preferred kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// All alike.
    #[default]
    Any,
    /// Those that the peer opened. Clients of Hyperbahn want these.
    In,
    /// Those that this side opened.
    Out,
}

/// Who opened a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The peer: it was accepted.
    In,
    /// This side: it was dialled.
    Out,
}

impl Direction {
    /// Whether connections of this side are as good as any.
    pub const fn prefers(self, side: Side) -> bool {
        match (self, side) {
            (Direction::Any, _) | (Direction::In, Side::In) | (Direction::Out, Side::Out) => true,
            (Direction::In, Side::Out) | (Direction::Out, Side::In) => false,
        }
    }
}

/// The connection of a peer to use, out of its active ones, oldest first: of the preferred direction, then the newest.
pub fn best_connection<K>(
    direction: Direction,
    active: impl DoubleEndedIterator<Item = (K, Side)>,
) -> Option<K> {
    let mut newest = None;
    for (key, side) in active.rev() {
        if direction.prefers(side) {
            return Some(key);
        }
        newest = newest.or(Some(key));
    }
    newest
}

#[cfg(test)]
mod tests;
