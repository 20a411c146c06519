//! Where in a value writing failed.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;
use core::fmt;

use serde::Serialize;
use serde_json::Value;

/// The way to the part that failed, told by each container that it is in, the innermost first.
///
/// `Display` gives `prices[2]`.
#[derive(Default)]
pub(in crate::json) struct Trail(RefCell<Vec<Step>>);

enum Step {
    Item(usize),
    Field(String),
}

impl Trail {
    #[cold]
    pub(super) fn item(&self, at: usize) {
        self.0.borrow_mut().push(Step::Item(at));
    }

    #[cold]
    pub(super) fn field(&self, name: &str) {
        self.0.borrow_mut().push(Step::Field(name.into()));
    }

    /// A key that was just written, and so is a text or a number.
    #[cold]
    pub(super) fn key<K: Serialize + ?Sized>(&self, key: &K) {
        match serde_json::to_value(key) {
            Ok(Value::String(name)) => self.field(&name),
            Ok(other) => self.field(&other.to_string()),
            Err(_) => self.field("?"),
        }
    }
}

impl fmt::Display for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.borrow().iter().rev().enumerate() {
            match step {
                Step::Item(item) => write!(f, "[{item}]")?,
                Step::Field(name) if at == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
            }
        }
        Ok(())
    }
}
