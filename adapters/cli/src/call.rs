//! `tchannel call`: one call, or one to each peer, and what came of it.

mod codec;
mod idl;
mod options;
mod outcome;
mod repeat;

use std::time::{Duration, Instant};

use tchannel_rpc::idl::dynamic::Method;
use tchannel_rpc::{Channel, Outbound, Ratio};

use crate::exit::{Exit, Failure};
use crate::reach::part;
use crate::{body, print};
use codec::Codec;
use options::{Scheme, Target};
use outcome::{Outcome, Printer};

pub(crate) use options::Options;

pub(crate) async fn call(options: Options) -> Result<Exit, Failure> {
    let peers = options.reach.peers()?;
    let target = options.target()?;
    let body = target.body.as_deref().map(|body| body::read(body, "body")).transpose()?;
    let channel = channel(&options, &peers)?;
    let mut left = options.reach.timeout();
    let codec = codec(&target, &options, &channel, &mut left).await?;
    let call = request(&target, &codec, &options, &channel, body.as_deref())?.timeout(left);
    let Options { all_peers, repeat, output, reach, .. } = options;
    let calls =
        if all_peers { peers.iter().map(|peer| call.clone().host(peer)).collect() } else { vec![call] };
    let printer = Printer { codec, output, reach, peers: all_peers };
    let exit = repeat.run(|| round(&calls, &printer)).await;
    part(&[channel]).await;
    Ok(exit)
}

/// Makes these calls at the same time, and prints what came of them in their order.
async fn round(calls: &[Outbound], printer: &Printer) -> Exit {
    let begun: Vec<_> = calls.iter().map(|call| tokio::spawn(outcome(call.clone()))).collect();
    let mut exit = Exit::Ok;
    for call in begun {
        exit = exit.and(match call.await {
            Ok(outcome) => printer.print(outcome),
            Err(error) => {
                print::complain(&error.to_string());
                Exit::Local
            }
        });
    }
    exit
}

/// A channel that has these peers and no others.
fn channel(options: &Options, peers: &[String]) -> Result<Channel, Failure> {
    let verbose = options.output.verbose;
    let sampled = if options.request.is_sampled() { Ratio::ONE } else { Ratio::ZERO };
    let channel = options.reach.channel_with(
        |config| {
            config.trace_sample = sampled;
            config.min_connections = 1;
            // That limit is for those who call all day.
            config.retry_ratio = None;
        },
        move |notice| {
            if verbose {
                print::complain(&notice.to_string());
            }
        },
    )?;
    for peer in peers {
        channel.peers().add(peer).map_err(|error| Failure::local(error.to_string()))?;
    }
    Ok(channel)
}

/// How arguments are written. If the server has to be asked for it, that is taken off the time that is left.
async fn codec(
    target: &Target,
    options: &Options,
    channel: &Channel,
    left: &mut Duration,
) -> Result<Codec, Failure> {
    let strict = |method: Method| if target.strict { method } else { method.lenient() };
    Ok(match &target.scheme {
        Scheme::Raw(shown) => Codec::Raw(*shown),
        Scheme::Json => Codec::Json,
        Scheme::File(place) => {
            Codec::Thrift(strict(idl::from_place(place, &target.service, &target.endpoint)?))
        }
        Scheme::Server => {
            let began = Instant::now();
            let ask =
                |endpoint: &str| options.request.say(channel.call(&target.service, endpoint)).timeout(*left);
            let method = idl::from_server(ask, &target.endpoint).await?;
            // A call with no time at all is refused in words of its own; this one is late.
            *left = left.saturating_sub(began.elapsed()).max(Duration::from_millis(1));
            Codec::Thrift(strict(method))
        }
        Scheme::Health => Codec::Health(idl::meta("Meta::health")?),
    })
}

fn request(
    target: &Target,
    codec: &Codec,
    options: &Options,
    channel: &Channel,
    body: Option<&[u8]>,
) -> Result<Outbound, Failure> {
    let endpoint = codec.endpoint().unwrap_or(&target.endpoint);
    let call = options.request.say(channel.call(&target.service, endpoint)).scheme(codec.scheme());
    Ok(call.arg2(codec.head(target.headers.as_deref())?).arg3(codec.body(body)?))
}

async fn outcome(call: Outbound) -> Outcome {
    let began = Instant::now();
    let result = call.send().await;
    Outcome { result, took: began.elapsed() }
}
