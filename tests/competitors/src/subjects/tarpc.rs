//! Google's RPC for Rust, over TCP with bincode.

use std::net::SocketAddr;

use futures_util::StreamExt;
use serde_bytes::ByteBuf;
use tarpc::server::{BaseChannel, Channel};
use tarpc::tokio_serde::formats::Bincode;
use tarpc::tokio_util::codec::LengthDelimitedCodec;
use tarpc::{client, context, serde_transport, server};
use tchannel_load::{Load, Measured};
use tokio::net::{TcpListener, TcpStream};

use super::{listen, on_worker, run};
use crate::Failure;

#[tarpc::service]
trait Echo {
    async fn echo(body: ByteBuf) -> ByteBuf;
}

#[derive(Clone)]
struct Server;

impl Echo for Server {
    async fn echo(self, _: context::Context, body: ByteBuf) -> ByteBuf {
        body
    }
}

const IN_FLIGHT: usize = 2_000;

macro_rules! transport {
    ($stream:expr) => {{
        let stream = $stream;
        stream.set_nodelay(true)?;
        let frames = LengthDelimitedCodec::builder().max_frame_length(64 << 20).new_framed(stream);
        serde_transport::new(frames, Bincode::default())
    }};
}

pub(super) fn serve(listening: &dyn Fn(SocketAddr)) -> Result<(), Failure> {
    let listener = listen(listening)?;
    on_worker(async move {
        let listener = TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            let config = server::Config { pending_response_buffer: IN_FLIGHT };
            let channel = BaseChannel::new(config, transport!(stream));
            tokio::spawn(channel.execute(Server.serve()).for_each(|call| async {
                tokio::spawn(call);
            }));
        }
    })
}

pub(super) fn load(at: SocketAddr, size: usize, load: &Load) -> Result<Measured, Failure> {
    let load = *load;
    on_worker(async move {
        let mut config = client::Config::default();
        (config.max_in_flight_requests, config.pending_request_buffer) = (IN_FLIGHT, IN_FLIGHT);
        let client = EchoClient::new(config, transport!(TcpStream::connect(at).await?)).spawn();
        let body = ByteBuf::from(vec![7; size]);
        Ok(run(&load, || async {
            let answer = client.echo(context::current(), body.clone()).await;
            answer.is_ok_and(|answer| answer.len() == size)
        })
        .await)
    })
}
