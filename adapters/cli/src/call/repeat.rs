//! The same call many times: how many, how often, how long.

use std::future::poll_fn;
use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use clap::Args;
use tchannel_load::{Extent, Load, Threads};

use crate::exit::Exit;
use crate::print;

/// Options that make it many calls.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Repetition")]
pub(super) struct Repeat {
    /// Calls so often, and prints an answer each time.
    #[arg(long, value_name = "N")]
    requests: Option<NonZeroU64>,
    /// Calls so often in a second, whether answers come or not [default: one call after the other].
    #[arg(long, value_name = "R", value_parser = rate)]
    rate: Option<f64>,
    /// Milliseconds from an answer to the next call. Not looked at with --rate.
    #[arg(long, value_name = "MS")]
    delay: Option<u64>,
    /// Milliseconds after which no more calls begin [default: 30000 without --requests].
    #[arg(long, value_name = "MS")]
    time: Option<u64>,
}

impl Repeat {
    /// How many calls, for how long; `None` if it is one.
    fn load(self) -> Option<Load> {
        let Repeat { requests, rate, delay, time } = self;
        if requests.is_none() && rate.is_none() && delay.is_none() && time.is_none() {
            return None;
        }
        let time = time.map(Duration::from_millis).or(requests.is_none().then_some(TIME));
        Some(Load {
            in_flight: if rate.is_some() { IN_FLIGHT } else { NonZeroUsize::MIN },
            pace: rate,
            warm_up: Extent::NOTHING,
            extent: Extent { calls: requests.map(NonZeroU64::get), time },
            server: None,
        })
    }

    /// Makes the calls, each of which says how it went; the first that went wrong decides.
    pub(super) async fn run<F: Future<Output = Exit>>(self, call: impl Fn() -> F) -> Exit {
        let Some(load) = self.load() else { return call().await };
        let pause = self.delay.filter(|_| self.rate.is_none()).map(Duration::from_millis);
        let (begun, exit) = (AtomicBool::new(false), Mutex::new(Exit::Ok));
        let one = async || {
            if let Some(pause) = pause.filter(|_| begun.swap(true, Ordering::Relaxed)) {
                tokio::time::sleep(pause).await;
            }
            let ended = call().await;
            let mut exit = exit.lock().unwrap_or_else(PoisonError::into_inner);
            *exit = exit.and(ended);
            ended == Exit::Ok
        };
        let clock = Threads::default();
        let mut quiet = |_: f64, _: u64| {};
        let mut calls = Box::pin(tchannel_load::run(&load, &clock, &mut quiet, |_| one()));
        poll_fn(|cx| {
            let ended = calls.as_mut().poll(cx).map(drop);
            if print::nobody_reads() { Poll::Ready(()) } else { ended }
        })
        .await;
        drop(calls);
        exit.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0);
    rate.ok_or_else(|| "write a number above 0".into())
}

/// As tcurl.
const TIME: Duration = Duration::from_secs(30);

/// Calls at once of those that do not wait for each other; past that they are late.
const IN_FLIGHT: NonZeroUsize = NonZeroUsize::new(1_000).expect("not 0");
