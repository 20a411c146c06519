//! Cassettes between a caller and its machine: recorded in a world that is simulated, replayed where there is none.

use std::time::Duration;

use tchannel_cassette::{ArgScheme, Cassette, OnCall, RecordMode, Request, Response};
use tchannel_proto::wire::{ResponseCode, Route};
use tchannel_proto::{Args, Config, Event, RequestHead};
use tchannel_tests::pair::Pair;

/// A caller and a server that counts what it is asked.
struct World {
    pair: Pair,
    served: u64,
}

impl World {
    fn new() -> Self {
        World { pair: Pair::new(Config::default(), Config::default()), served: 0 }
    }

    /// Makes the call. The server says how often it was asked; to the endpoint `no`, that it failed.
    fn call(&mut self, request: &Request) -> Response {
        let World { pair, served } = self;
        let args = Args::new(request.headers.to_bytes(), request.body.to_bytes());
        let deadline = pair.now + Duration::from_secs(1);
        let route =
            Route::encode(&request.service, [("cn", "caller"), ("as", "raw")]).expect("short headers");
        let head = RequestHead::new(route, request.endpoint.clone(), deadline);
        pair.a.machine.call(pair.now, tchannel_proto::Request { head, args }).expect("a good call");
        pair.drive();
        for event in pair.b.take_events() {
            let Event::Request { call, head, args: Some(args) } = event else { continue };
            *served += 1;
            let ok = head.arg1 != "no";
            let code = if ok { ResponseCode::OK } else { ResponseCode::NOT_OK };
            let args = Args::new(args.arg2, format!("{served}"));
            pair.b
                .machine
                .respond(pair.now, call, tchannel_proto::Response { code, args })
                .expect("it waits");
        }
        pair.drive();
        let answers = pair.a.take_events().into_iter().find_map(|event| match event {
            Event::Response { head, args: Some(args), .. } => Some((head.code.is_ok(), args)),
            _ => None,
        });
        let (ok, args) = answers.expect("an answer");
        let response = Response::ok(args.arg2.clone(), args.body());
        Response { ok, ..response }
    }
}

/// A caller with a cassette; a call that it does not have is one to the world, if there is one.
fn call(cassette: &mut Cassette, world: Option<&mut World>, request: &Request) -> Option<Response> {
    match cassette.on_call(request) {
        OnCall::Replay(response) => Some(response),
        OnCall::Forward => {
            let response = world?.call(request);
            cassette.on_response(request.clone(), response.clone());
            Some(response)
        }
        OnCall::Refuse(_) => None,
    }
}

fn requests() -> Vec<Request> {
    let request = |endpoint: &str, body: &'static str| {
        let mut request = Request::new("moe", endpoint, ArgScheme::Raw);
        (request.headers, request.body) = ("head".into(), body.into());
        request
    };
    vec![request("yes", "a"), request("no", "b"), request("yes", "a"), request("yes", "")]
}

#[test]
fn what_a_simulated_server_said_is_replayed_without_it() {
    let (mut world, mut cassette) = (World::new(), Cassette::missing());
    let said: Vec<_> =
        requests().iter().map(|request| call(&mut cassette, Some(&mut world), request)).collect();
    let bodies = said.iter().flatten().map(|response| (response.ok, response.body.to_bytes()));
    let expected = [(true, "1"), (false, "2"), (true, "3"), (true, "4")];
    assert!(bodies.eq(expected.map(|(ok, body)| (ok, body.into()))), "{said:?}");

    let mut replayed = Cassette::parse(&cassette.to_yaml()).expect("a cassette").mode(RecordMode::None);
    let again: Vec<_> = requests().iter().map(|request| call(&mut replayed, None, request)).collect();
    assert_eq!(again, said);
    assert_eq!((world.served, replayed.play_count()), (4, 4));
    assert_eq!(call(&mut replayed, None, &requests()[0]), None, "each recording is used once");
}

#[test]
fn the_same_world_is_recorded_as_the_same_file() {
    let record = || {
        let (mut world, mut cassette) = (World::new(), Cassette::missing());
        for request in requests() {
            call(&mut cassette, Some(&mut world), &request).expect("there is a server");
        }
        cassette.to_yaml()
    };
    assert_eq!(record(), record());
}
