//! Where in a nested value something went wrong.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

/// One step from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into a field of a struct.
    Field {
        /// Id of the field.
        id: i16,
        /// Its name; empty for a field that only its id is known of.
        name: Cow<'static, str>,
    },
    /// To an item of a list or set, counted from 0.
    Item(usize),
    /// To the key of a map's pair, pairs counted from 0.
    Key(usize),
    /// To the value of a map's pair, pairs counted from 0.
    Value(usize),
}

impl Step {
    /// Into a field that has a name.
    pub const fn field(id: i16, name: &'static str) -> Self {
        Self::Field { id, name: Cow::Borrowed(name) }
    }

    /// Into a field that only its id is known of.
    pub const fn unnamed(id: i16) -> Self {
        Self::field(id, "")
    }
}

/// The way from the outermost struct to the value at fault; no steps for the struct itself.
///
/// `Display` gives `Team.users[3].name`, `struct.#7[0]` where no names are known, and `Team.counts[key 2]` and
/// `Team.counts[value 2]` for the two sides of a map's third pair.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path {
    /// Name of the struct; empty where it goes without saying.
    of: &'static str,
    steps: Vec<Step>,
}

impl Path {
    /// The steps, outermost first.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = &Step> {
        // Errors learn of outer values last.
        self.steps.iter().rev()
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.of.is_empty() && self.steps.is_empty()
    }

    /// Puts a step in front of all others.
    pub(crate) fn within(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Names the outermost struct.
    pub(crate) fn of(&mut self, name: &'static str) {
        self.of = name;
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.of)?;
        for (at, step) in self.steps().enumerate() {
            match step {
                Step::Field { id, name } => {
                    if at > 0 || !self.of.is_empty() {
                        f.write_str(".")?;
                    }
                    if name.is_empty() { write!(f, "#{id}")? } else { f.write_str(name)? }
                }
                Step::Item(item) => write!(f, "[{item}]")?,
                Step::Key(pair) => write!(f, "[key {pair}]")?,
                Step::Value(pair) => write!(f, "[value {pair}]")?,
            }
        }
        Ok(())
    }
}
