//! Whether all say the same.

use std::collections::BTreeMap;

use crate::print;

use super::ask::Answer;

/// One line: whether they agree, and who does not.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) agree: bool,
    pub(super) words: String,
}

impl Verdict {
    /// Compares what `told` takes from each answer; `what` are the words for it.
    pub(super) fn of<T>(what: &str, answers: &[Answer<T>], told: impl Fn(&T) -> String) -> Self {
        let mut by_word: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        let mut silent = Vec::new();
        for answer in answers {
            match &answer.said {
                Ok(said) => by_word.entry(told(said)).or_default().push(&answer.peer),
                Err(_) => silent.push(answer.peer.as_str()),
            }
        }
        let agree = by_word.len() == 1 && silent.is_empty();
        let mut parties: Vec<(String, Vec<&str>)> = by_word.into_iter().collect();
        // Most of them first: those who differ are the others.
        parties.sort_by_key(|(_, peers)| std::cmp::Reverse(peers.len()));
        let mut parts: Vec<String> = Vec::new();
        for (word, peers) in &parties {
            let named = if agree { String::new() } else { format!(" ({})", peers.join(", ")) };
            parts.push(format!("{} of {} have {word}{named}", peers.len(), answers.len()));
        }
        if !silent.is_empty() {
            parts.push(format!("no answer from {}", silent.join(", ")));
        }
        let verb = if agree { "agree" } else { "do not agree" };
        Verdict { agree, words: format!("{what} {verb}: {}", parts.join("; ")) }
    }

    pub(super) fn print(&self) {
        print::verdict(self.agree, &self.words);
    }
}

#[cfg(test)]
mod tests;
