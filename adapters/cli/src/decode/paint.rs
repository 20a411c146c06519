//! Colours, on a terminal that wants them.

use std::fmt::{self, Display};
use std::io;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

/// Whether there are colours.
#[derive(Clone, Copy)]
pub(super) struct Paint {
    coloured: bool,
}

/// What is to be told apart.
#[derive(Clone, Copy)]
pub(super) enum Tone {
    /// Requests.
    Asked,
    /// What is well.
    Good,
    /// What the application says is not.
    Bad,
    /// What the protocol says is not.
    Failed,
    /// What is malformed.
    Fault,
    /// What matters less.
    Dim,
    /// Headlines.
    Bold,
}

impl Paint {
    /// As the terminal and the environment have it, where colours are of use at all.
    pub(super) fn new(of_use: bool) -> Self {
        let choice = AutoStream::choice(&io::stdout());
        Self { coloured: of_use && !matches!(choice, ColorChoice::Never) }
    }

    /// The same words, coloured.
    pub(super) fn paint<D: Display>(self, tone: Tone, words: D) -> Painted<D> {
        let style = if self.coloured { tone.style() } else { Style::new() };
        Painted { style, words }
    }
}

impl Tone {
    const fn style(self) -> Style {
        match self {
            Tone::Asked => AnsiColor::Cyan.on_default(),
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Bad => AnsiColor::Yellow.on_default(),
            Tone::Failed => AnsiColor::Red.on_default(),
            Tone::Fault => AnsiColor::Red.on_default().bold(),
            Tone::Dim => Style::new().dimmed(),
            Tone::Bold => Style::new().bold(),
        }
    }
}

/// Words with a style, padded as the words would be.
pub(super) struct Painted<D> {
    style: Style,
    words: D,
}

impl<D: Display> Display for Painted<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.style)?;
        self.words.fmt(f)?;
        write!(f, "{}", self.style.render_reset())
    }
}
