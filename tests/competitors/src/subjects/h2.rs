//! HTTP/2 alone: a stream for each call, windows that no call waits for.

use std::net::SocketAddr;

use bytes::Bytes;
use h2::client::SendRequest;
use h2::{RecvStream, client, server};
use http::{Request, Response};
use tchannel_load::{Load, Measured};
use tokio::net::{TcpListener, TcpStream};

use super::{listen, on_worker, run};
use crate::Failure;

const STREAM_WINDOW: u32 = 4 << 20;
const WINDOW: u32 = 64 << 20;

pub(super) fn serve(listening: &dyn Fn(SocketAddr)) -> Result<(), Failure> {
    let listener = listen(listening)?;
    on_worker(async move {
        let listener = TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(serve_one(stream));
        }
    })
}

async fn serve_one(stream: TcpStream) -> Result<(), h2::Error> {
    let mut connection = server::Builder::new()
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_concurrent_streams(2_000)
        .max_send_buffer_size(4 << 20)
        .handshake::<_, Bytes>(stream)
        .await?;
    while let Some(call) = connection.accept().await {
        let (request, mut respond) = call?;
        tokio::spawn(async move {
            let pieces = collect(request.into_body()).await?;
            let mut out = respond.send_response(Response::new(()), pieces.is_empty())?;
            let last = pieces.len().saturating_sub(1);
            for (at, piece) in pieces.into_iter().enumerate() {
                out.send_data(piece, at == last)?;
            }
            Ok::<_, h2::Error>(())
        });
    }
    Ok(())
}

async fn collect(mut body: RecvStream) -> Result<Vec<Bytes>, h2::Error> {
    let mut pieces = Vec::new();
    while let Some(piece) = body.data().await {
        let piece = piece?;
        body.flow_control().release_capacity(piece.len())?;
        pieces.push(piece);
    }
    Ok(pieces)
}

pub(super) fn load(at: SocketAddr, size: usize, load: &Load) -> Result<Measured, Failure> {
    let load = *load;
    on_worker(async move {
        let stream = TcpStream::connect(at).await?;
        stream.set_nodelay(true)?;
        let (client, connection) = client::Builder::new()
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(WINDOW)
            .initial_max_send_streams(2_000)
            .max_send_buffer_size(4 << 20)
            .handshake(stream)
            .await?;
        tokio::spawn(connection);
        let body = Bytes::from(vec![7; size]);
        Ok(run(&load, || async {
            let answer = one(client.clone(), body.clone()).await;
            answer.is_ok_and(|len| len == size)
        })
        .await)
    })
}

async fn one(client: SendRequest<Bytes>, body: Bytes) -> Result<usize, Failure> {
    let request = Request::post("http://echo/echo").body(())?;
    let (response, mut out) = client.ready().await?.send_request(request, false)?;
    out.send_data(body, true)?;
    let pieces = collect(response.await?.into_body()).await?;
    Ok(pieces.iter().map(Bytes::len).sum())
}
