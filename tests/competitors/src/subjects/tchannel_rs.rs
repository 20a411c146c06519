//! The other TChannel in Rust: whole calls without deadlines, tracing or checksums.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use tchannel_load::{Load, Measured};
use tchannel_rs::handler::{HandlerResult, RequestHandler};
use tchannel_rs::messages::{MessageChannel, RawMessage};
use tchannel_rs::{ConfigBuilder, TChannel};

use super::{on_worker, run};
use crate::Failure;

#[derive(Debug)]
struct Echo;

impl RequestHandler for Echo {
    type REQ = RawMessage;
    type RES = RawMessage;

    fn handle(&mut self, request: RawMessage) -> HandlerResult<RawMessage> {
        Ok(request)
    }
}

fn config(at: SocketAddr) -> Result<tchannel_rs::Config, Failure> {
    let config = ConfigBuilder::default()
        .max_connections(1)
        .lifetime(None)
        .test_connection(false)
        .frame_buffer_size(2_000)
        .server_address(at)
        .server_tasks(2_000)
        .build()?;
    Ok(config)
}

pub(super) fn serve(listening: &dyn Fn(SocketAddr)) -> Result<(), Failure> {
    // It cannot tell which port the system chose: one is found for it.
    let at = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let runtime = super::one_worker()?;
    let _server = runtime.block_on(async {
        let server = TChannel::new(config(at)?)?;
        server.subchannel("echo").await?.register("echo", Echo).await?;
        server.start_server()?;
        while tokio::net::TcpStream::connect(at).await.is_err() {}
        Ok::<_, Failure>(server)
    })?;
    listening(at);
    runtime.block_on(std::future::pending())
}

pub(super) fn load(at: SocketAddr, size: usize, load: &Load) -> Result<Measured, Failure> {
    let load = *load;
    on_worker(async move {
        let client = TChannel::new(config(at)?)?;
        let echo = client.subchannel("echo").await?;
        let body = Bytes::from(vec![7; size]);
        Ok(run(&load, || one(echo.clone(), at, body.clone())).await)
    })
}

async fn one(echo: Arc<tchannel_rs::SubChannel>, at: SocketAddr, body: Bytes) -> bool {
    let size = body.len();
    let request = RawMessage::new("echo".into(), String::new(), body);
    let answer = echo.send(request, at).await;
    answer.is_ok_and(|answer| answer.body().len() == size)
}
