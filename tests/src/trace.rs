//! What happened, as text for people and as one number for comparison.

use std::cell::RefCell;
use std::fmt::{self, Write};
use std::rc::Rc;

use tchannel_proto::Timestamp;

/// Lines like `t=1.250s node a: sends call req 2, 97 bytes`. Clones share their lines, so that a trace outlives the world
/// that wrote it.
///
/// The hash covers every line, kept or not: equal seeds must give equal hashes.
#[derive(Clone, Debug, Default)]
pub struct Trace(Rc<RefCell<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    hash: Fnv,
    count: u64,
    kept: Option<Vec<String>>,
}

impl Trace {
    /// A trace that only counts and hashes.
    pub fn hashing() -> Self {
        Trace::default()
    }

    /// A trace that keeps its lines too.
    pub fn keeping() -> Self {
        Trace(Rc::new(RefCell::new(Lines { kept: Some(Vec::new()), ..Lines::default() })))
    }

    /// Adds a line about node number `node`.
    pub fn node(&self, now: Timestamp, node: usize, what: fmt::Arguments<'_>) {
        self.line(format_args!("t={now} node {}: {what}", Name(node)));
    }

    /// Adds a line about no node in particular.
    pub fn world(&self, now: Timestamp, what: fmt::Arguments<'_>) {
        self.line(format_args!("t={now} {what}"));
    }

    fn line(&self, line: fmt::Arguments<'_>) {
        let mut lines = self.0.borrow_mut();
        lines.count += 1;
        // Writing into a hash cannot fail.
        let _ = lines.hash.write_fmt(line);
        let _ = lines.hash.write_char('\n');
        if let Some(kept) = &mut lines.kept {
            kept.push(line.to_string());
        }
    }

    /// A number that differs when any line does.
    pub fn hash(&self) -> u64 {
        self.0.borrow().hash.0
    }

    /// Lines so far.
    pub fn len(&self) -> u64 {
        self.0.borrow().count
    }

    /// Whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.borrow().kept.iter().flatten().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Prints node numbers as a, b, … z, a1, b1, …
struct Name(usize);

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = u8::try_from(self.0 % 26).map_or('?', |n| char::from(b'a' + n));
        f.write_char(letter)?;
        match self.0 / 26 {
            0 => Ok(()),
            round => write!(f, "{round}"),
        }
    }
}

/// FNV-1a over text.
#[derive(Debug)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Fnv(0xCBF2_9CE4_8422_2325)
    }
}

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_the_moment_and_the_node() {
        let trace = Trace::keeping();
        trace.node(Timestamp::from_millis(1_250), 0, format_args!("sends {}", 3));
        trace.node(Timestamp::from_millis(2_000), 27, format_args!("is gone"));
        assert_eq!(trace.to_string(), "t=1.250s node a: sends 3\nt=2.000s node b1: is gone\n");
    }

    #[test]
    fn the_hash_does_not_depend_on_keeping() {
        let (kept, hashed) = (Trace::keeping(), Trace::hashing());
        for trace in [&kept, &hashed] {
            trace.world(Timestamp::ZERO, format_args!("begins"));
        }
        assert_eq!(kept.hash(), hashed.hash());
        hashed.world(Timestamp::ZERO, format_args!("ends"));
        assert_ne!(kept.hash(), hashed.hash());
    }
}
