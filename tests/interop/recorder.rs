//! A channel that records and replays, and tchannel-python on the other end of the file.

use std::fs;
use std::net::SocketAddr;

use tchannel_rpc::blocking;
use tchannel_rpc::cassette::{RecordMode, use_cassette};
use tchannel_rpc::{Channel, Response};
use tchannel_tests::peers::{Peer, Server, run_cassette};

use super::cassette::{Case, NOBODY, calls, cases, outcomes, place};
use super::check::done;

fn client() -> Channel {
    blocking::channel("client").expect("it has a name")
}

fn ask(client: &Channel, at: SocketAddr, case: &Case) -> Response {
    let request = &case.request;
    let call = client.call(&request.service, &request.endpoint).host(at).scheme(request.scheme.as_str());
    let call = call.arg2(request.headers.to_bytes()).arg3(request.body.to_bytes());
    call.send().wait().unwrap_or_else(|error| panic!("{}: {error}", case.call))
}

fn check(answer: &Response, case: &Case) {
    let seen = (answer.ok(), &answer.arg2()[..], &answer.body()[..]);
    let wanted = (case.response.ok, &case.response.headers[..], &case.response.body[..]);
    assert_eq!(seen, wanted, "{}", case.call);
}

#[test]
fn python_replays_what_a_channel_recorded_from_it() {
    let (cases, file) = (cases(), place("channels"));
    let server = done(Server::start(Peer::Python, &[]));
    let client = client();
    let recorder = use_cassette(&file).on(&client).expect("there is no file");
    for case in &cases {
        ask(&client, server.address(), case);
    }
    assert_eq!(recorder.recorded().len(), cases.len());
    recorder.finish().expect("it can be written");
    drop(server);
    assert_eq!(done(run_cassette("none", &file, NOBODY, &calls(&cases))), outcomes(&cases));
}

#[test]
fn channel_replays_what_python_recorded_with_no_server() {
    let (cases, file) = (cases(), place("for-channels"));
    let server = done(Server::start(Peer::Python, &[]));
    done(run_cassette("once", &file, server.address(), &calls(&cases)));
    drop(server);
    let text = fs::read_to_string(&file).expect("it was recorded");

    let client = client();
    let recorder = use_cassette(&file).mode(RecordMode::None).on(&client).expect("it is sound");
    for case in &cases {
        check(&ask(&client, NOBODY, case), case);
    }
    assert_eq!(recorder.play_count(), cases.len());
    recorder.finish().expect("nothing is written");
    assert_eq!(fs::read_to_string(&file).expect("it is there"), text);
}
