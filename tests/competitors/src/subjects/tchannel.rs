//! This project, on each of its runtimes, with its defaults.

use std::net::SocketAddr;

use bytes::Bytes;
use tchannel_load::{Load, Measured, Threads};
use tchannel_rpc::blocking::Wait;
use tchannel_rpc::{Channel, Outbound, Reply, Request, async_std, blocking, smol, tokio};

use super::{on_worker, run};
use crate::Failure;

async fn listen(server: &Channel) -> Result<SocketAddr, Failure> {
    server.service("echo")?.register("echo", |request: Request| async move {
        let args = request.into_args();
        Ok(Reply::pieces(args.arg2, args.arg3))
    });
    Ok(server.listen("127.0.0.1:0").await?)
}

fn prepared(client: &Channel, at: SocketAddr, size: usize) -> Outbound {
    client.call("echo", "echo").host(at).arg3(Bytes::from(vec![7; size]))
}

async fn one(call: Outbound, size: usize) -> bool {
    let answer = call.send().await;
    answer.is_ok_and(|answer| answer.arg3().iter().map(Bytes::len).sum::<usize>() == size)
}

pub(super) fn serve_tokio(listening: &dyn Fn(SocketAddr)) -> Result<(), Failure> {
    let runtime = super::one_worker()?;
    let _inside = runtime.enter();
    let server = tokio::channel("echo")?;
    listening(listen(&server).wait()?);
    runtime.block_on(std::future::pending())
}

pub(super) fn load_tokio(at: SocketAddr, size: usize, load: &Load) -> Result<Measured, Failure> {
    let load = *load;
    on_worker(async move {
        let client = tokio::channel("client")?;
        let call = prepared(&client, at, size);
        Ok(run(&load, || one(call.clone(), size)).await)
    })
}

/// As above, with each body joined into one piece on both sides, for who cannot use pieces.
pub(super) fn serve_joined(listening: &dyn Fn(SocketAddr)) -> Result<(), Failure> {
    let runtime = super::one_worker()?;
    let _inside = runtime.enter();
    let server = tokio::channel("echo")?;
    let echo = |request: Request| async move { Ok(Reply::ok(request.arg2().clone(), request.body())) };
    server.service("echo")?.register("echo", echo);
    listening(server.listen("127.0.0.1:0").wait()?);
    runtime.block_on(std::future::pending())
}

pub(super) fn load_joined(at: SocketAddr, size: usize, load: &Load) -> Result<Measured, Failure> {
    let load = *load;
    on_worker(async move {
        let client = tokio::channel("client")?;
        let call = prepared(&client, at, size);
        let one = async |call: Outbound| call.send().await.is_ok_and(|answer| answer.body().len() == size);
        Ok(run(&load, || one(call.clone())).await)
    })
}

fn serve(server: &Channel, listening: &dyn Fn(SocketAddr)) -> Result<(), Failure> {
    listening(listen(server).wait()?);
    std::future::pending().wait()
}

/// Without a runtime of the caller's: this thread keeps all calls going.
fn calls_from_here(client: &Channel, at: SocketAddr, size: usize, load: &Load) -> Measured {
    let call = prepared(client, at, size);
    tchannel_load::run(load, &Threads::default(), &mut |_, _| {}, |_| one(call.clone(), size)).wait()
}

pub(super) fn serve_async_std(listening: &dyn Fn(SocketAddr)) -> Result<(), Failure> {
    serve(&async_std::channel("echo")?, listening)
}

pub(super) fn load_async_std(at: SocketAddr, size: usize, load: &Load) -> Result<Measured, Failure> {
    Ok(calls_from_here(&async_std::channel("client")?, at, size, load))
}

pub(super) fn serve_smol(listening: &dyn Fn(SocketAddr)) -> Result<(), Failure> {
    serve(&smol::channel("echo")?, listening)
}

pub(super) fn load_smol(at: SocketAddr, size: usize, load: &Load) -> Result<Measured, Failure> {
    Ok(calls_from_here(&smol::channel("client")?, at, size, load))
}

pub(super) fn serve_blocking(listening: &dyn Fn(SocketAddr)) -> Result<(), Failure> {
    serve(&blocking::channel("echo")?, listening)
}

pub(super) fn load_blocking(at: SocketAddr, size: usize, load: &Load) -> Result<Measured, Failure> {
    Ok(calls_from_here(&blocking::channel("client")?, at, size, load))
}
