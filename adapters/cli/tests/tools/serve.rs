//! `tchannel serve`.

use std::io::BufRead;
use std::process::Command;
use std::sync::Mutex;

use tchannel_rpc::{Channel, Reply, Request};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::program::{Served, run};

fn runtime() -> Runtime {
    Runtime::new().expect("there are threads to run on")
}

fn terminate(server: &Served) {
    let id = server.child.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &id]).status();
    assert!(sent.is_ok_and(|status| status.success()));
}

#[test]
fn sigterm_refuses_new_calls_ends_the_begun_ones_and_is_well() {
    let mut server = Served::start(&[]);
    runtime().block_on(async {
        let client: Channel = tchannel_rpc::tokio::channel("client").expect("a name");
        let (tell_begun, begun) = oneshot::channel();
        let (end, ending) = oneshot::channel::<()>();
        let once = Mutex::new(Some((tell_begun, ending)));
        client.service("client").expect("a name").register("hold", move |request: Request| {
            let (begun, ending) = once.lock().expect("nobody panics").take().expect("it is called once");
            async move {
                begun.send(()).expect("the test waits");
                ending.await.expect("the test says so");
                Ok(Reply::ok("", request.body()))
            }
        });
        // The server calls back, and answers once it is answered.
        let call = client.call("echo", "reverse").host(&server.at).arg2("hold").arg3("kept").send();
        begun.await.expect("it is called");
        terminate(&server);
        while client.call("echo", "echo").host(&server.at).send().await.is_ok() {}
        end.send(()).expect("it waits");
        assert_eq!(call.await.expect("it was begun").body(), "kept");
    });
    assert_eq!(server.child.wait().expect("it ends").code(), Some(0));
    let mut rest = String::new();
    server.stdout.read_line(&mut rest).expect("its end is seen");
    assert_eq!(rest, "", "one line is all it says");
}

#[test]
fn service_has_the_name_and_the_place_that_it_was_given() {
    let server = Served::start(&["--service", "keyvalue", "--host", "localhost"]);
    runtime().block_on(async {
        let client: Channel = tchannel_rpc::tokio::channel("client").expect("a name");
        let call = |endpoint: &str| client.call("keyvalue", endpoint).host(&server.at);
        assert_eq!(call("echo").arg3("hello").send().await.expect("it answers").body(), "hello");
        for endpoint in ["Meta::health", "Meta::thriftIDL", "Meta::versionInfo"] {
            let call = call(endpoint).scheme("thrift").arg2(&b"\0\0"[..]).arg3(&b"\0"[..]);
            call.send().await.unwrap_or_else(|error| panic!("{error}"));
        }
    });
    let taken =
        run(&["serve", "--host", "127.0.0.1", "--port", server.at.rsplit(':').next().expect("a port")]);
    assert_eq!(taken.code, Some(125), "{taken:?}");
    assert!(taken.stderr.contains("cannot listen at"), "{taken:?}");
}

#[test]
fn service_over_tls_is_pinged_and_measured_by_those_who_trust_it() {
    let files = std::env::temp_dir().join(format!("tchannel-serve-{}", std::process::id()));
    std::fs::create_dir_all(&files).expect("there is room");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("it can be made");
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| files.join(name).display().to_string());
    std::fs::write(&cert, made.cert.pem()).expect("it can be written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("it can be written");

    let server = Served::start(&["--tls", "--cert", &cert, "--key", &key]);
    let at = server.at.replace("127.0.0.1", "localhost");
    let ran = run(&["ping", "-p", &at, "-n", "1", "--tls", "--cacert", &cert, "--json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    assert_eq!(ran.json()["headers"]["tchannel_language"], "rust");
    let ran =
        run(&["bench", "-p", &at, "echo", "echo", "hello", "-n", "20", "--tls", "--cacert", &cert, "--json"]);
    assert_eq!((ran.code, &ran.json()["ok"]), (Some(0), &20.into()), "{ran:?}");

    for words in [&["--tls", "--cacert", &cert][..], &["--tls", "--insecure"]] {
        let ran = run(&[&["ping", "-p", &server.at, "-n", "1"], words].concat());
        let trusted = words.contains(&"--insecure");
        assert_eq!(ran.code, Some(if trusted { 0 } else { 125 }), "its certificate is for a name: {ran:?}");
    }
    let plain = run(&["ping", "-p", &at, "-n", "1"]);
    assert_eq!(plain.code, Some(125), "{plain:?}");
    let half = run(&["serve", "--tls", "--cert", &cert]);
    assert_eq!(half.code, Some(125), "{half:?}");
    let swapped = run(&["serve", "--tls", "--cert", &key, "--key", &cert]);
    assert_eq!(swapped.code, Some(125), "{swapped:?}");
    let _gone = std::fs::remove_dir_all(files);
}

#[test]
fn an_ipv6_address_to_listen_at_needs_no_brackets() {
    for host in ["::1", "[::1]"] {
        let server = Served::start(&["--host", host]);
        assert!(server.at.starts_with("[::1]:"), "{}", server.at);
    }
}
