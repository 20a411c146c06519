//! gRPC: unary calls of a message with one field.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::uri::PathAndQuery;
use tchannel_load::{Load, Measured};
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, http as codes};
use tonic::server::{NamedService, UnaryService};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::Service;

use super::{listen, on_worker, run};
use crate::Failure;

#[derive(Clone, PartialEq, prost::Message)]
struct Message {
    #[prost(bytes = "bytes", tag = "1")]
    body: Bytes,
}

const STREAM_WINDOW: u32 = 4 << 20;
const WINDOW: u32 = 64 << 20;
const LARGEST: usize = 64 << 20;

#[derive(Clone)]
struct Echo;

impl NamedService for Echo {
    const NAME: &'static str = "bench.Echo";
}

impl UnaryService<Message> for Echo {
    type Response = Message;
    type Future = BoxFuture<Response<Message>, Status>;

    fn call(&mut self, request: Request<Message>) -> Self::Future {
        Box::pin(async move { Ok(Response::new(request.into_inner())) })
    }
}

impl Service<codes::Request<Body>> for Echo {
    type Response = codes::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: codes::Request<Body>) -> Self::Future {
        Box::pin(async move {
            let codec = ProstCodec::<Message, Message>::default();
            let mut grpc = tonic::server::Grpc::new(codec).max_decoding_message_size(LARGEST);
            Ok(grpc.unary(Echo, request).await)
        })
    }
}

pub(super) fn serve(listening: &dyn Fn(SocketAddr)) -> Result<(), Failure> {
    let listener = listen(listening)?;
    on_worker(async move {
        let incoming = TcpIncoming::from(TcpListener::from_std(listener)?).with_nodelay(Some(true));
        Server::builder()
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(WINDOW)
            .max_concurrent_streams(2_000)
            .add_service(Echo)
            .serve_with_incoming(incoming)
            .await?;
        Ok(())
    })
}

pub(super) fn load(at: SocketAddr, size: usize, load: &Load) -> Result<Measured, Failure> {
    let load = *load;
    on_worker(async move {
        let channel = Endpoint::from_shared(format!("http://{at}"))?
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(WINDOW)
            .buffer_size(2_000)
            .tcp_nodelay(true)
            .connect()
            .await?;
        let body = Bytes::from(vec![7; size]);
        Ok(run(&load, || one(channel.clone(), body.clone())).await)
    })
}

async fn one(channel: Channel, body: Bytes) -> bool {
    let size = body.len();
    let mut grpc = tonic::client::Grpc::new(channel).max_decoding_message_size(LARGEST);
    if grpc.ready().await.is_err() {
        return false;
    }
    let path = PathAndQuery::from_static("/bench.Echo/Echo");
    let codec = ProstCodec::<Message, Message>::default();
    let answer = grpc.unary::<Message, Message, _>(Request::new(Message { body }), path, codec).await;
    answer.is_ok_and(|answer| answer.into_inner().body.len() == size)
}
