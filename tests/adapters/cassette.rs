//! Calls that are recorded, and answered from files, on every runtime.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use tchannel_rpc::cassette::{CassetteError, Matcher, RecordMode, Recorder, use_cassette};
use tchannel_rpc::testing::{Answer, Mock, MockPeer, Network, Shape};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::{Bytes, CallError, Channel, ErrorCode, Outbound, Ratio, Response, Wait};

use super::block_on;

/// A place for one test's file, in a directory that is not there.
fn place(name: &str) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let unique = format!("{name}-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("recorded").join(unique);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    folder.join("deep").join("calls.yaml")
}

struct World {
    network: Network<Tokio>,
    client: Channel,
    server: MockPeer,
}

impl World {
    async fn new() -> Self {
        let network = Network::new(Tokio::current().unwrap(), Shape::default());
        let channel = |name: &str| tchannel_rpc::Builder::new(network.clone(), name).build().unwrap();
        let server = MockPeer::start(channel("server")).await.unwrap();
        server.mount(
            Mock::of("echo", "echo")
                .answers_with(|request| Answer::ok(request.arg2().clone(), request.body())),
        );
        server.mount(Mock::of("echo", "fails").answers(Answer::not_ok("why", "as asked")));
        server.mount(Mock::of("echo", "busy").answers(Answer::error(ErrorCode::Busy, "later")));
        World { client: channel("client"), network, server }
    }

    fn call(&self, endpoint: &str, body: &'static str) -> Outbound {
        self.client.call("echo", endpoint).host(self.server.address()).arg2("\0").arg3(body)
    }

    async fn ask(&self, body: &'static str) -> Result<Bytes, CallError> {
        self.call("echo", body).send().await.map(|answer| answer.body())
    }

    fn use_file(&self, file: &Path, mode: RecordMode) -> Recorder {
        use_cassette(file).mode(mode).on(&self.client).unwrap()
    }

    /// Records one call into a new file, and tells what the file is then.
    async fn recorded(&self, file: &Path) -> String {
        let recorder = self.use_file(file, RecordMode::Once);
        self.ask("known").await.unwrap();
        recorder.finish().unwrap();
        fs::read_to_string(file).unwrap()
    }
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Played,
    Made,
    Refused,
}
use Fate::{Made, Played, Refused};

#[test]
fn v2_what_each_mode_does_with_each_state_of_the_file() {
    // Mode; the fate of a call without a file, with an empty one, with one that knows it, with one that does not;
    // whether what was not played stays.
    let table = [
        (RecordMode::Once, [Made, Refused, Played, Refused], true),
        (RecordMode::NewEpisodes, [Made, Made, Played, Made], true),
        (RecordMode::None, [Refused, Refused, Played, Refused], true),
        (RecordMode::All, [Made, Made, Made, Made], false),
    ];
    block_on(async {
        let world = World::new().await;
        for (mode, fates, keeps) in table {
            for (state, fate) in fates.into_iter().enumerate() {
                let file = place(mode.as_str());
                let before = match state {
                    0 => None,
                    1 => {
                        fs::create_dir_all(file.parent().unwrap()).unwrap();
                        fs::write(&file, "").unwrap();
                        Some(String::new())
                    }
                    _ => Some(world.recorded(&file).await),
                };
                let asked = world.server.received().len();
                let recorder = world.use_file(&file, mode);
                let body = if state == 2 { "known" } else { "new" };
                let answer = world.ask(body).await;
                let calls = world.server.received().len() - asked;
                match fate {
                    Played | Made => assert_eq!(answer.unwrap(), body, "{mode} {state}"),
                    Refused => assert!(answer.unwrap_err().message().contains("has no answer for echo echo")),
                }
                assert_eq!(calls, usize::from(fate == Made), "{mode} {state}");
                assert_eq!(recorder.play_count(), usize::from(fate == Played), "{mode} {state}");
                assert_eq!(recorder.recorded().len(), usize::from(fate == Made), "{mode} {state}");
                assert_eq!(
                    recorder.write_protected(),
                    mode == RecordMode::None || mode == RecordMode::Once && state > 0
                );
                recorder.finish().unwrap();

                let after = fs::read_to_string(&file).ok();
                if fate == Made {
                    let after = after.unwrap();
                    assert!(after.contains(&format!("body: {body}\n")), "{mode} {state}: {after}");
                    let kept = state == 3 && keeps;
                    assert_eq!(after.contains("body: known\n"), kept || body == "known", "{mode} {state}");
                } else {
                    assert_eq!(after, before, "{mode} {state}");
                }
            }
        }
    });
}

#[test]
fn v1_replay_touches_no_network() {
    block_on(async {
        let world = World::new().await;
        let file = place("replay");
        let recorder = world.use_file(&file, RecordMode::Once);
        let fails = world.call("fails", "x").send().await.unwrap();
        world.ask("one").await.unwrap();
        recorder.finish().unwrap();

        let replaying = tchannel_rpc::Builder::new(world.network.clone(), "client").build().unwrap();
        let before = world.network.connects();
        let recorder = use_cassette(&file).mode(RecordMode::None).on(&replaying).unwrap();
        let call = |endpoint: &str, body: &'static str| {
            // There is nobody, and nothing is looked up: the file answers.
            replaying.call("echo", endpoint).host("nowhere:1").arg2("\0").arg3(body).send()
        };
        assert_eq!(call("echo", "one").await.unwrap().body(), "one");
        let played = call("fails", "x").await.unwrap();
        assert_eq!((played.ok(), played.arg2(), played.body()), (false, fails.arg2(), fails.body()));
        assert_eq!(played.headers().scheme().unwrap().as_str(), "raw");
        let error = call("echo", "one").await.unwrap_err();
        assert!(error.message().contains("interaction 2 is this call, but was played already"), "{error}");
        assert_eq!(recorder.play_count(), 2);
        assert_eq!(world.network.connects(), before);
    });
}

#[test]
fn refusal_says_which_recording_came_nearest_and_what_differs() {
    block_on(async {
        let world = World::new().await;
        let file = place("nearest");
        world.recorded(&file).await;
        let recorder = world.use_file(&file, RecordMode::None);
        let error = world.ask("unknown").await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::BadRequest);
        let text = error.to_string();
        for part in [&file.display().to_string(), "in mode none", "interaction 1", "body", "known", "unknown"]
        {
            assert!(text.contains(part), "{part:?} is not in {text}");
        }
        recorder.finish().unwrap();
    });
}

#[test]
fn matchers_are_chosen() {
    block_on(async {
        let world = World::new().await;
        let file = place("matchers");
        world.recorded(&file).await;
        let choice = [Matcher::ServiceName, Matcher::Endpoint];
        let recorder = use_cassette(&file).mode(RecordMode::None).matchers(choice).on(&world.client).unwrap();
        assert_eq!(world.ask("whatever").await.unwrap(), "known");
        recorder.finish().unwrap();

        let choice = [Matcher::ServiceName, Matcher::HostPort];
        let recorder = use_cassette(&file).mode(RecordMode::None).matchers(choice).on(&world.client).unwrap();
        let elsewhere = world.client.call("echo", "echo").host("127.0.0.1:9").send().await.unwrap_err();
        assert!(elsewhere.message().contains("hostPort"), "{elsewhere}");
        world.ask("known").await.unwrap();
        recorder.finish().unwrap();
    });
}

#[test]
fn error_frames_and_calls_that_were_given_up_are_not_recorded() {
    block_on(async {
        let world = World::new().await;
        let file = place("errors");
        let recorder = world.use_file(&file, RecordMode::Once);
        let error = world.call("busy", "x").retry_limit(0).send().await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Busy, "the caller's error is the call's own");
        drop(world.call("echo", "given up").send());
        assert!(recorder.recorded().is_empty());
        recorder.finish().unwrap();
        assert!(!file.exists());
    });
}

#[test]
fn dropped_recorder_saves_and_tells_if_it_cannot() {
    block_on(async {
        let world = World::new().await;
        let file = place("dropped");
        let recorder = world.use_file(&file, RecordMode::Once);
        world.ask("one").await.unwrap();
        drop(recorder);
        assert!(file.exists());
        world.ask("two").await.unwrap();
        assert!(!fs::read_to_string(&file).unwrap().contains("two"), "it is off the channel");

        let (sender, notices) = std::sync::mpsc::channel();
        let client = tchannel_rpc::Builder::new(world.network.clone(), "client")
            .on_notice(move |notice| sender.send(notice.to_string()).unwrap_or_default())
            .build()
            .unwrap();
        // A directory cannot be made where a file is.
        let impossible = file.join("calls.yaml");
        fs::remove_file(&file).unwrap();
        let recorder = use_cassette(&impossible).on(&client).unwrap();
        fs::write(&file, "").unwrap();
        client.call("echo", "echo").host(world.server.address()).send().await.unwrap();
        drop(recorder);
        let told: Vec<_> =
            notices.try_iter().filter(|notice| notice.starts_with("recordings are lost")).collect();
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("cannot write the cassette"), "{told:?}");
    });
}

#[test]
fn file_is_replaced_as_a_whole_and_never_seen_half_written() {
    block_on(async {
        let world = World::new().await;
        let file = place("whole");
        let before = world.recorded(&file).await;
        let old = file.with_extension("old");
        fs::hard_link(&file, &old).unwrap();
        let recorder = world.use_file(&file, RecordMode::NewEpisodes);
        world.ask("new").await.unwrap();
        recorder.finish().unwrap();
        assert!(fs::read_to_string(&file).unwrap().contains("body: new\n"));
        assert_eq!(fs::read_to_string(&old).unwrap(), before, "nobody wrote over the old text");
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 2, "nothing is left beside it");
    });
}

#[test]
fn recorders_of_one_file_do_not_write_over_each_other() {
    block_on(async {
        let world = World::new().await;
        let other = tchannel_rpc::Builder::new(world.network.clone(), "other").build().unwrap();
        for mode in [RecordMode::Once, RecordMode::NewEpisodes, RecordMode::All] {
            let file = place("two");
            if mode != RecordMode::Once {
                world.recorded(&file).await;
            }
            let second = use_cassette(&file).mode(mode).on(&other).unwrap();
            let first = world.use_file(&file, mode);
            world.ask("first").await.unwrap();
            other.call("echo", "echo").host(world.server.address()).arg3("second").send().await.unwrap();
            first.finish().unwrap();
            let after = fs::read_to_string(&file).unwrap();
            let error = second.finish().unwrap_err();
            assert!(matches!(error, CassetteError::Changed { .. }), "{mode}: {error}");
            assert!(error.to_string().starts_with(&file.display().to_string()), "{error}");
            assert_eq!(fs::read_to_string(&file).unwrap(), after, "{mode}");
        }
    });
}

#[test]
fn read_only_file_is_not_written() {
    block_on(async {
        let world = World::new().await;
        let file = place("read-only");
        let before = world.recorded(&file).await;
        let mut permissions = fs::metadata(&file).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&file, permissions).unwrap();
        let recorder = world.use_file(&file, RecordMode::NewEpisodes);
        world.ask("new").await.unwrap();
        let error = recorder.finish().unwrap_err();
        assert!(matches!(error, CassetteError::Write { .. }), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), before);
    });
}

#[test]
fn cassette_around_some_code_is_saved_when_that_is_done() {
    block_on(async {
        let world = World::new().await;
        let file = place("around");
        let code = async |recorder: &Recorder| {
            let answer = world.ask("one").await.unwrap();
            assert_eq!(recorder.recorded().len(), 1);
            answer
        };
        let answer = use_cassette(&file).around(&world.client, code).await.unwrap();
        assert_eq!(answer, "one");
        assert!(file.exists());
    });
}

#[test]
fn channels_share_a_cassette_and_have_one_at_a_time() {
    block_on(async {
        let world = World::new().await;
        let other = tchannel_rpc::Builder::new(world.network.clone(), "other").build().unwrap();
        let mut recorder = world.use_file(&place("shared"), RecordMode::Once);
        recorder.also_on(&other).unwrap();
        world.ask("one").await.unwrap();
        other.call("echo", "echo").host(world.server.address()).send().await.unwrap();
        assert_eq!(recorder.recorded().len(), 2);

        let error = use_cassette(place("second")).on(&other).unwrap_err();
        assert_eq!(error.to_string(), "the channel \"other\" has a cassette already: finish that one first");
        recorder.finish().unwrap();
        use_cassette(place("third")).on(&other).unwrap().finish().unwrap();
    });
}

#[test]
fn file_that_is_no_cassette_is_an_error_that_names_it() {
    block_on(async {
        let world = World::new().await;
        let file = place("broken");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "interactions: []\nversion: 7\n").unwrap();
        let error = use_cassette(&file).on(&world.client).unwrap_err();
        assert!(matches!(error, CassetteError::Parse { .. }), "{error}");
        assert!(error.to_string().starts_with(&file.display().to_string()), "{error}");
        let error = use_cassette(file.parent().unwrap()).on(&world.client).unwrap_err();
        assert!(matches!(error, CassetteError::Read { .. }), "{error}");
    });
}

#[test]
fn streamed_calls_and_odd_schemes_pass_only_where_that_is_said() {
    block_on(async {
        let world = World::new().await;
        let file = place("streams");
        let recorder = world.use_file(&file, RecordMode::NewEpisodes);
        let (mut writer, call) = world.client.call("echo", "echo").host(world.server.address()).open();
        writer.arg2("").await.unwrap();
        writer.write("body").await.unwrap();
        writer.finish().unwrap();
        call.await.unwrap();
        assert!(recorder.recorded().is_empty());
        let odd = world.call("echo", "x").scheme("sthrift").send().await.unwrap_err();
        assert!(odd.message().contains("make this \"sthrift\" call outside of it"), "{odd}");
        let odd = world.client.call("echo", [0xFF]).host(world.server.address()).send().await.unwrap_err();
        assert!(odd.message().contains("endpoints as text"), "{odd}");
        recorder.finish().unwrap();

        let _recorder = world.use_file(&file, RecordMode::None);
        let (_writer, call) = world.client.call("echo", "echo").host(world.server.address()).open();
        let error = call.await.unwrap_err();
        assert!(error.message().contains("whole calls only"), "{error}");
    });
}

#[test]
fn spans_on_their_way_to_tcollector_are_neither_recorded_nor_refused() {
    block_on(async {
        let world = World::new().await;
        let (submitted, mut spans) = tokio::sync::mpsc::unbounded_channel();
        world.server.mount(Mock::service("tcollector").answers_with(move |_| {
            // The test may be over.
            let _ = submitted.send(());
            Answer::ok("\0\0", &b"\x0c\0\0\x02\0\x01\x01\0\0"[..])
        }));
        let client = tchannel_rpc::Builder::new(world.network.clone(), "client")
            .report_to_tcollector()
            .channel_config(|config| config.trace_sample = Ratio::percent(100))
            .build()
            .unwrap();
        client.peers().add(&world.server.address().to_string()).unwrap();
        let file = place("spans");
        let recorder = use_cassette(&file).on(&client).unwrap();
        client.call("echo", "echo").send().await.unwrap();
        spans.recv().await.unwrap();
        recorder.finish().unwrap();
        assert!(!fs::read_to_string(&file).unwrap().contains("TCollector"));

        // A span of a call that was made before nothing may be made any more.
        let call = client.call("echo", "echo").send();
        let recorder = use_cassette(&file).mode(RecordMode::None).on(&client).unwrap();
        call.await.unwrap();
        spans.recv().await.unwrap();
        recorder.finish().unwrap();
    });
}

#[test]
fn cassettes_of_python_are_replayed_and_left_as_they_are() {
    block_on(async {
        let world = World::new().await;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/cassette/tests/cassettes");
        let captured = folder.join("raw.yaml");
        let file = place("captured");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::copy(&captured, &file).unwrap();
        let known = tchannel_cassette::Cassette::parse(&fs::read_to_string(&file).unwrap()).unwrap();
        let known = known.to_yaml();
        for mode in [RecordMode::Once, RecordMode::NewEpisodes, RecordMode::None] {
            let recorder = use_cassette(&file).mode(mode).on(&world.client).unwrap();
            assert_eq!(recorder.write_protected(), mode != RecordMode::NewEpisodes);
            recorder.finish().unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), known);
        }
    });
}

/// Records a call and replays it, without an async runtime around.
fn record_and_replay(runtime: &str, make: impl Fn(&str) -> Channel) {
    let file = place(runtime);
    let server = MockPeer::start(make("server")).wait().unwrap();
    server.mount(Mock::service("echo").answers(Answer::ok("", "curly")).expect(1..=1));
    let client = make("client");
    let ask = || -> Response { client.call("echo", "ask").host(server.address()).send().wait().unwrap() };
    for played in [0, 1] {
        let recorder = use_cassette(&file).on(&client).unwrap();
        assert_eq!(ask().body(), "curly", "{runtime}");
        assert_eq!(recorder.play_count(), played, "{runtime}");
        recorder.finish().unwrap();
    }
}

#[test]
fn every_runtime_records_and_replays() {
    let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let on_tokio = |name: &str| {
        let _inside = tokio.enter();
        tchannel_rpc::tokio::channel(name).unwrap()
    };
    record_and_replay("tokio", on_tokio);
    record_and_replay("async-std", |name| tchannel_rpc::async_std::channel(name).unwrap());
    record_and_replay("smol", |name| tchannel_rpc::smol::channel(name).unwrap());
    record_and_replay("blocking", |name| tchannel_rpc::blocking::channel(name).unwrap());
}
