//! Connections on which nothing happens.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use bytes::BytesMut;
use tchannel_proto::wire::FrameType;
use tchannel_rpc::Channel;
use tchannel_tests::frames;
use tchannel_tests::interop::{Plain, Runtime};
use tchannel_tests::solo::{frame, init};

use super::counting::Held;
use super::{BUFFERS_KEPT, alone, block_on, echoes};

const CONNECTIONS: usize = 1_000;

/// Bytes of the heap for each.
const MOST: i64 = 8 << 10;

#[test]
fn a_thousand_idle_connections_take_8_kib_each_at_most() {
    let _alone = alone();
    for runtime in Runtime::ALL {
        let each = block_on(idle(runtime));
        println!("{runtime}: {each} bytes for each idle connection");
    }
}

/// Bytes of the heap that each connection takes.
async fn idle(runtime: Runtime) -> i64 {
    let server = runtime.channel("server", Plain).unwrap();
    server.service("svc").unwrap().register("echo", echoes);
    let at = server.listen("127.0.0.1:0").await.unwrap();
    let hello = init(FrameType::InitReq, "go");
    let mut peers = Vec::with_capacity(CONNECTIONS + 1);
    peers.push(Peer::talks(at, &hello, 10));
    let before = Held::when_quiet(BUFFERS_KEPT).await.bytes;
    for len in (0..CONNECTIONS).map(|n| [10, 3_000, 60_000][n % 3]) {
        peers.push(Peer::talks(at, &hello, len));
    }
    all_open(&server, peers.len()).await;
    let held = Held::when_quiet(BUFFERS_KEPT).await;
    let each = (held.bytes - before) / i64::try_from(CONNECTIONS).expect("few");
    assert!(each <= MOST, "{runtime}: {each} bytes for each idle connection");
    for peer in &mut peers {
        peer.call(10);
    }
    drop(peers);
    server.close().await;
    each
}

async fn all_open(server: &Channel, count: usize) {
    while server.snapshot().num_connections < count {
        tokio::task::yield_now().await;
    }
}

/// Takes nothing of the heap between two calls.
struct Peer {
    socket: TcpStream,
    calls: u32,
}

impl Peer {
    /// Says hello, and calls once.
    fn talks(at: SocketAddr, hello: &[u8], len: usize) -> Self {
        let mut socket = TcpStream::connect(at).unwrap();
        socket.set_read_timeout(Some(super::HANG)).unwrap();
        socket.write_all(hello).unwrap();
        let mut peer = Peer { socket, calls: 1 };
        peer.frame();
        peer.call(len);
        peer
    }

    fn call(&mut self, len: usize) {
        self.calls += 1;
        let body = vec![7; len];
        let call: BytesMut = frame(self.calls, &frames::call_req(60_000, false, &[b"echo", b"", &body]));
        self.socket.write_all(&call).unwrap();
        assert!(self.frame() > len, "a short answer");
    }

    /// Reads one frame, and tells its length.
    fn frame(&mut self) -> usize {
        let mut len = [0; 2];
        self.socket.read_exact(&mut len).unwrap();
        let len = usize::from(u16::from_be_bytes(len));
        self.socket.read_exact(&mut vec![0; len - 2]).unwrap();
        len
    }
}
