//! The same over real sockets.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use tchannel_rpc::testing::{echo, pattern};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::wire::{Frame, Init, Message, PROTOCOL_VERSION, init_keys};
use tchannel_rpc::{BytesMut, Channel, ErrorCode, Origin, Phase};

use super::{block_on, block_on_threads};

async fn server() -> (Channel, std::net::SocketAddr) {
    let server = tchannel_rpc::tokio::channel("server").unwrap();
    echo(&server, "echo", Tokio::current().unwrap());
    let at = server.listen("127.0.0.1:0").await.unwrap();
    (server, at)
}

#[test]
fn calls_of_every_size_cross_a_socket() {
    block_on_threads(async {
        let (_server, at) = server().await;
        let client = tchannel_rpc::tokio::channel("client").unwrap();
        for size in [0, 1, 1_000, 65_535, 1 << 20, 5 << 20] {
            let call = client.call("echo", "echo").host(at).arg3(pattern(size));
            assert_eq!(call.send().await.unwrap().body(), pattern(size), "{size} bytes");
        }
    });
}

#[test]
fn large_and_small_calls_go_side_by_side() {
    block_on_threads(async {
        let (_server, at) = server().await;
        let client = Arc::new(tchannel_rpc::tokio::channel("client").unwrap());
        let calls: Vec<_> = (0..200_usize)
            .map(|n| {
                let client = client.clone();
                tokio::spawn(async move {
                    let body = pattern(if n.is_multiple_of(10) { 1 << 20 } else { n });
                    let call = client.call("echo", "echo").host(at).arg3(body.clone());
                    assert_eq!(call.send().await.unwrap().body(), body);
                })
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
    });
}

#[test]
fn a_place_where_nobody_listens_is_a_network_error() {
    block_on(async {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let client = tchannel_rpc::tokio::channel("client").unwrap();
        let error = client.call("a", "b").host(free).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Network, Origin::Local));
        assert_eq!(error.phase(), Phase::Connect);
        assert!(error.to_string().contains("refused"), "{error}");
    });
}

#[test]
fn a_peer_that_goes_away_fails_calls_in_flight() {
    block_on_threads(async {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let peer = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let (id, _) = next_frame(&mut stream, &mut BytesMut::new());
            stream.write_all(&init(Message::InitRes, id, "127.0.0.1:1")).unwrap();
            next_frame(&mut stream, &mut BytesMut::new());
        });
        let client = tchannel_rpc::tokio::channel("client").unwrap();
        let error = client.call("a", "b").host(at).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Network, Origin::Local), "{error}");
        assert_eq!(error.phase(), Phase::Waiting);
        peer.join().unwrap();
    });
}

#[test]
fn the_init_res_names_the_address_that_was_reached() {
    block_on_threads(async {
        let (_server, at) = server().await;
        let answer = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(at).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            stream.write_all(&init(Message::InitReq, 1, "0.0.0.0:0")).unwrap();
            next_frame(&mut stream, &mut BytesMut::new()).1
        });
        let Message::InitRes(init) = answer.await.unwrap() else { panic!("no init res") };
        assert_eq!(init.headers.get(init_keys::HOST_PORT), Some(at.to_string().as_str()));
        assert_eq!(init.headers.get(init_keys::LANGUAGE), Some("rust"));
    });
}

#[test]
fn the_init_req_names_the_listening_address_if_there_is_one() {
    block_on_threads(async {
        for listens in [false, true] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let at = listener.local_addr().unwrap();
            let asked = tokio::task::spawn_blocking(move || {
                let (mut stream, _) = listener.accept().unwrap();
                next_frame(&mut stream, &mut BytesMut::new()).1
            });
            let client = tchannel_rpc::tokio::channel("client").unwrap();
            let mut announced = "0.0.0.0:0".to_owned();
            if listens {
                announced = client.listen("127.0.0.1:0").await.unwrap().to_string();
            }
            client.call("a", "b").host(at).send().await.unwrap_err();
            let Message::InitReq(init) = asked.await.unwrap() else { panic!("no init req") };
            assert_eq!(init.headers.get(init_keys::HOST_PORT), Some(announced.as_str()));
        }
    });
}

fn next_frame(stream: &mut TcpStream, input: &mut BytesMut) -> (u32, Message) {
    loop {
        if let Some(frame) = Frame::take(input).unwrap() {
            return (frame.id, Message::decode(&frame).unwrap().unwrap());
        }
        let mut chunk = [0; 4_096];
        let count = stream.read(&mut chunk).unwrap();
        assert!(count > 0, "the stream ends");
        input.extend_from_slice(&chunk[..count]);
    }
}

fn init(kind: fn(Init) -> Message, id: u32, host_port: &str) -> BytesMut {
    let headers = [(init_keys::HOST_PORT, host_port), (init_keys::PROCESS_NAME, "test")];
    let headers = headers.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let mut frame = BytesMut::new();
    kind(Init { version: PROTOCOL_VERSION, headers }).encode(id, &mut frame).unwrap();
    frame
}
