//! The least that is still TChannel: real frames, crc32c made and verified on both sides, ids from a slab, callers that
//! wait, a task for each request, bodies written with `writev` and handed out as slices of what was read. No deadlines,
//! cancellation, tracing, limits or errors: what an implementation with all of them is measured against.

mod client;
mod frame;
mod line;

use std::net::SocketAddr;

use tchannel_load::{Load, Measured};
use tokio::net::{TcpListener, TcpStream};

use crate::Failure;
use crate::subjects::{listen, on_worker, run};

pub(crate) fn serve(listening: &dyn Fn(SocketAddr)) -> Result<(), Failure> {
    let listener = listen(listening)?;
    on_worker(async move {
        let listener = TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            let (mut reader, line) = line::open(stream)?;
            tokio::spawn(async move {
                while let Some(message) = reader.next().await {
                    let line = line.clone();
                    tokio::spawn(async move { line.send(frame::Kind::Response, message.id, &message.body) });
                }
            });
        }
    })
}

pub(crate) fn load(at: SocketAddr, size: usize, load: &Load) -> Result<Measured, Failure> {
    let load = *load;
    on_worker(async move {
        let client = client::Client::new(TcpStream::connect(at).await?)?;
        let body = [bytes::Bytes::from(vec![7; size])];
        Ok(run(&load, || async {
            let answer = client.call(&body).await;
            answer.iter().map(|piece| piece.len()).sum::<usize>() == size
        })
        .await)
    })
}
