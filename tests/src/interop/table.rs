//! All scenarios, in the order in which they are run.

mod boundary;
mod connection;
mod deadlines;
mod echo;
mod failures;
mod headers;
mod schemes;
mod sizes;
mod streamed;
mod streams;

use super::{Language, Scenario};

/// Every scenario, with what is to be expected of this peer. The names are the same for all.
pub fn all(peer: Language) -> Vec<Scenario> {
    [
        connection::all(peer),
        echo::all(),
        boundary::all(),
        sizes::all(),
        failures::all(peer),
        deadlines::all(),
        headers::all(peer),
        schemes::all(),
        streams::all(),
        streamed::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests;
