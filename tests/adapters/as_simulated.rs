//! Law 9: what becomes of a call on a runtime is what becomes of it in the simulator.

use std::future::pending;
use std::net::SocketAddr;
use std::time::Duration;

use tchannel_rpc::{
    BodyError, BodyReader, BodyWriter, CallError, Channel, ChecksumKind, ErrorCode, Origin, Reject, Reply,
    Responder, ResponseCode, StreamedRequest,
};
use tchannel_tests::interop::{Plain, Runtime};
use tchannel_tests::model::{Call, End};
use tchannel_tests::pattern;
use tchannel_tests::scenario::{Act, Ask, Serve, Size, Step, Take, Wiring};
use tchannel_tests::source::{Rng, Source};
use tchannel_tests::trace::Trace;
use tchannel_tests::world::{Manner, World};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::block_on_threads;

/// Calls of one scenario, all under way at once over one connection.
const CALLS: usize = 40;

const SEEDS: u64 = 6;

/// Long enough for every call that is answered; and for those that are not.
const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(200);

/// One call of a scenario.
#[derive(Clone, Copy, Debug)]
struct Planned {
    ask: Ask,
    /// Its request is written in pieces of this size; whole, if there is none.
    piece: Option<usize>,
    /// The caller gives it up once it is being served.
    cancelled: bool,
}

/// How a call ends for its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// With a response of this code and these lengths, whose bytes are what they should be.
    Answered(u8, [usize; 2]),
    Failed(ErrorCode, Origin),
    /// Its time ran out, on whichever side that is found first: a ttl is whole milliseconds, and clocks are not one.
    TimedOut,
}

impl Outcome {
    fn failed(code: ErrorCode, origin: Origin) -> Self {
        if code == ErrorCode::Timeout { Outcome::TimedOut } else { Outcome::Failed(code, origin) }
    }
}

fn plan(seed: u64) -> Vec<Planned> {
    let mut source = Rng::new(seed);
    (0..CALLS).map(|_| planned(&mut source)).collect()
}

fn planned(source: &mut Rng) -> Planned {
    let after = Duration::ZERO;
    let sizes = [0, 1, 5, 1_023, 1_024, 5_000, 65_000, 65_511, 70_000, 131_026, 300_000];
    let codes = [
        ErrorCode::Timeout,
        ErrorCode::Cancelled,
        ErrorCode::Busy,
        ErrorCode::Declined,
        ErrorCode::Unexpected,
        ErrorCode::BadRequest,
        ErrorCode::Network,
        ErrorCode::Unhealthy,
        ErrorCode::Fatal,
    ];
    let reply = [source.pick(&sizes), source.pick(&sizes)];
    let serve = match source.below(10) {
        0 | 1 => Serve::Echo { after },
        2 | 3 => Serve::Relay,
        4 => Serve::Answer { ok: source.chance(128), sizes: reply, after },
        5 => Serve::Stream { sizes: reply, piece: source.pick(&[1_000, 65_536]), after },
        6 => Serve::Refuse { code: source.pick(&codes), after },
        7 => Serve::Regret { code: source.pick(&codes), after },
        8 => Serve::Sink,
        _ => Serve::Ignore,
    };
    let unanswered = matches!(serve, Serve::Sink | Serve::Ignore);
    let cancelled = unanswered && source.chance(128);
    let ask = Ask {
        node: 0,
        sizes: [Size::Bytes(source.pick(&sizes)), Size::Bytes(source.pick(&sizes))],
        timeout: if unanswered && !cancelled { SHORT } else { LONG },
        checksum: source.pick(&[ChecksumKind::Crc32c, ChecksumKind::None, ChecksumKind::Crc32]),
        serve,
        take: source.pick(&[Take::Collect, Take::Read]),
    };
    Planned { ask, piece: source.chance(128).then(|| source.pick(&[1_000, 65_536, 300_000])), cancelled }
}

impl Planned {
    fn sizes(&self) -> [usize; 2] {
        self.ask.sizes.map(|size| match size {
            Size::Bytes(len) => len,
            Size::Edge(_) => unreachable!("none is planned"),
        })
    }
}

/// What the simulator makes of it.
fn simulated(plan: &[Planned]) -> Vec<Outcome> {
    let mut world = World::new(Manner::default(), Trace::hashing());
    world.apply(&Step::Connect(Wiring::default()));
    for (call, &Planned { ask, piece, cancelled }) in plan.iter().enumerate() {
        world.apply(&match piece {
            None => Step::Call(ask),
            Some(_) => Step::Open { ask, piece, flush: false },
        });
        if cancelled {
            world.apply(&Step::On { call, act: Act::Cancel });
        }
    }
    world.finish();
    world.calls()[..plan.len()].iter().map(outcome).collect()
}

fn outcome(call: &Call) -> Outcome {
    match &call.end {
        Some((_, End::Answered)) => Outcome::Answered(call.code.unwrap(), call.reply_read.lens),
        Some((_, End::Failed(error))) => Outcome::failed(error.code, error.origin),
        end @ (Some((_, End::Refused(_))) | None) => panic!("call {} ended by {end:?}", call.number),
    }
}

/// The same through the adapter.
async fn real(runtime: Runtime, plan: &[Planned]) -> Vec<Outcome> {
    let server = runtime.channel("server", Plain).unwrap();
    let service = server.service("service").unwrap();
    let mut watched = Vec::new();
    for (number, planned) in plan.iter().copied().enumerate() {
        let (tell, told) = unbounded_channel();
        watched.push(told);
        service.register_streamed(format!("call {number}"), move |request, responder| {
            let served = Served(tell.clone());
            async move {
                let _ = served.0.send("begun");
                serve(number, planned, request, responder).await
            }
        });
    }
    let at = server.listen("127.0.0.1:0").await.unwrap();
    let client = runtime.channel("caller", Plain).unwrap();
    let mut running = Vec::new();
    for ((number, planned), mut told) in plan.iter().copied().enumerate().zip(watched) {
        let client = client.clone();
        running.push(tokio::spawn(async move {
            if !planned.cancelled {
                return call(&client, at, number, planned).await;
            }
            let given_up = tokio::select! {
                ended = call(&client, at, number, planned) => return ended,
                told = told.recv() => told,
            };
            assert_eq!((given_up, told.recv().await), (Some("begun"), Some("dropped")), "call {number}");
            Outcome::Failed(ErrorCode::Cancelled, Origin::Local)
        }));
    }
    let mut outcomes = Vec::new();
    for call in running {
        outcomes.push(call.await.unwrap());
    }
    client.close().await;
    server.close().await;
    outcomes
}

/// Tells of the end of a handler.
struct Served(UnboundedSender<&'static str>);

impl Drop for Served {
    fn drop(&mut self) {
        let _nobody_asks = self.0.send("dropped");
    }
}

async fn call(client: &Channel, at: SocketAddr, number: usize, planned: Planned) -> Outcome {
    let Ask { timeout, checksum, serve, .. } = planned.ask;
    let [len2, len3] = planned.sizes();
    let salt = 4 * number;
    let same = matches!(serve, Serve::Echo { .. } | Serve::Relay);
    let reply_salt = if same { salt } else { salt + 2 };
    let call = client.call("service", format!("call {number}")).host(at).retry_limit(0);
    let call = call.timeout(timeout).checksum(checksum);
    let failed = |error: &CallError| Outcome::failed(error.code(), error.origin());
    let Some(piece) = planned.piece else {
        let call = call.arg2(pattern::bytes(salt, 0, len2)).arg3(pattern::bytes(salt + 1, 0, len3));
        return match call.send().await {
            Ok(answer) => {
                assert!(pattern::matches(reply_salt, 0, answer.arg2()), "arg2 of {number}");
                assert!(pattern::matches(reply_salt + 1, 0, &answer.body()), "arg3 of {number}");
                Outcome::Answered(answer.code().0, [answer.arg2().len(), answer.body().len()])
            }
            Err(error) => failed(&error),
        };
    };
    let (writer, response) = call.open();
    let writing = async {
        // How the call ends is the reader's to say.
        let _ = write(writer, salt, [len2, len3], piece).await;
    };
    let reading = async {
        let mut response = response.await.map_err(BodyError::from)?;
        let code = response.code().0;
        Ok(Outcome::Answered(code, read(response.body(), reply_salt).await?))
    };
    let (outcome, ()) = tokio::join!(reading, writing);
    outcome.unwrap_or_else(|error: BodyError| {
        let BodyError::Call(error) = error else { panic!("call {number}: {error}") };
        failed(&error)
    })
}

async fn write(mut to: BodyWriter, salt: usize, sizes: [usize; 2], piece: usize) -> Result<(), BodyError> {
    for (arg, len) in sizes.into_iter().enumerate() {
        if arg == 1 {
            to.next_arg()?;
        }
        for at in (0..len).step_by(piece) {
            to.write(pattern::bytes(salt + arg, at, piece.min(len - at))).await?;
        }
    }
    to.finish()
}

/// Reads to the end, and compares.
async fn read(body: &mut BodyReader, salt: usize) -> Result<[usize; 2], BodyError> {
    let arg2 = body.arg2().await?;
    assert!(pattern::matches(salt, 0, &arg2), "arg2 of {salt}");
    let mut len = 0;
    while let Some(chunk) = body.chunk().await? {
        assert!(pattern::matches(salt + 1, len, &chunk), "arg3 of {salt} at {len}");
        len += chunk.len();
    }
    Ok([arg2.len(), len])
}

/// Does what the plan says.
async fn serve(
    number: usize,
    planned: Planned,
    mut request: StreamedRequest,
    responder: Responder,
) -> Result<(), Reject> {
    let salt = 4 * number;
    match planned.ask.serve {
        Serve::Echo { .. } => {
            let lens = read(request.body(), salt).await?;
            responder
                .reply(Reply::ok(pattern::bytes(salt, 0, lens[0]), pattern::bytes(salt + 1, 0, lens[1])));
        }
        Serve::Relay => {
            let mut answer = responder.ok()?;
            answer.arg2(request.body().arg2().await?).await?;
            while let Some(chunk) = request.body().chunk().await? {
                answer.write(chunk).await?;
            }
            answer.finish()?;
        }
        Serve::Answer { ok, sizes, .. } => {
            let reply =
                Reply::ok(pattern::bytes(salt + 2, 0, sizes[0]), pattern::bytes(salt + 3, 0, sizes[1]));
            responder.reply(reply.with_code(if ok { ResponseCode::OK } else { ResponseCode::NOT_OK }));
        }
        Serve::Stream { sizes, piece, .. } => {
            read(request.body(), salt).await?;
            write(responder.ok()?, salt + 2, sizes, piece).await?;
        }
        Serve::Refuse { code, .. } => return Err(Reject::new(code, "as planned")),
        Serve::Regret { code, .. } => {
            let _begun = responder.ok()?;
            return Err(Reject::new(code, "as planned"));
        }
        Serve::Sink => {
            read(request.body(), salt).await?;
            pending::<()>().await;
        }
        Serve::Ignore => pending().await,
    }
    Ok(())
}

fn ends_as_simulated(runtime: Runtime) {
    for seed in 0..SEEDS {
        let plan = plan(seed);
        let (expected, found) = (simulated(&plan), block_on_threads(real(runtime, &plan)));
        for (number, planned) in plan.iter().enumerate() {
            let (expected, found) = (expected[number], found[number]);
            assert_eq!(found, expected, "law 9: seed {seed}, call {number} on {runtime}: {planned:?}");
        }
    }
}

#[test]
fn calls_on_tokio_end_as_simulated() {
    ends_as_simulated(Runtime::Tokio);
}

#[test]
fn calls_on_async_std_end_as_simulated() {
    ends_as_simulated(Runtime::AsyncStd);
}

#[test]
fn calls_on_smol_end_as_simulated() {
    ends_as_simulated(Runtime::Smol);
}

#[test]
fn calls_on_threads_end_as_simulated() {
    ends_as_simulated(Runtime::Blocking);
}

#[test]
fn plans_have_every_kind_of_end() {
    let all: Vec<Outcome> = (0..SEEDS).flat_map(|seed| simulated(&plan(seed))).collect();
    let some = |wanted: fn(&Outcome) -> bool| all.iter().filter(|outcome| wanted(outcome)).count() > 3;
    assert!(some(|outcome| matches!(outcome, Outcome::Answered(0, _))));
    assert!(some(|outcome| matches!(outcome, Outcome::Answered(1, _))));
    assert!(some(|outcome| matches!(outcome, Outcome::TimedOut)));
    assert!(some(|outcome| matches!(outcome, Outcome::Failed(ErrorCode::Cancelled, Origin::Local))));
    assert!(some(|outcome| matches!(outcome, Outcome::Failed(_, Origin::Remote))));
}
