//! Bodies as streams of bytes, in three flavours.

use std::pin::pin;

use smol::stream::StreamExt;
use tchannel_rpc::testing::{Shape, pattern};
use tchannel_rpc::{Arg3Reader, Arg3Writer, BodyError, Bytes, ErrorCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{Pair, block_on};

async fn streamed(pair: &Pair) -> (Arg3Writer, impl Future<Output = Arg3Reader>) {
    let (mut writer, call) = pair.call("stream").open();
    writer.arg2("headers").await.unwrap();
    (writer.into_arg3().unwrap(), async { call.await.unwrap().into_body().into_arg3() })
}

#[test]
fn tokio_copies_a_body_there_and_back() {
    block_on(async {
        let pair = Pair::new(Shape { reads: vec![1_000, 70_000, 13], ..Shape::default() }).await;
        let (mut writer, reader) = streamed(&pair).await;
        let body = pattern(1 << 20);
        let sent = body.clone();
        let send = async move {
            tokio::io::copy(&mut &sent[..], &mut writer).await.unwrap();
            writer.shutdown().await.unwrap();
            assert!(writer.write_all(b"more").await.is_err(), "it is at its end");
        };
        let receive = async {
            let mut received = Vec::new();
            reader.await.read_to_end(&mut received).await.unwrap();
            received
        };
        let ((), received) = tokio::join!(send, receive);
        assert_eq!(received, body);
    });
}

#[test]
fn futures_streams_and_sinks_carry_pieces() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let (writer, reader) = streamed(&pair).await;
        let mut writer = pin!(writer);
        let body = pattern(300_000);
        let send = async {
            for piece in body.chunks(50_000) {
                send(writer.as_mut(), Bytes::copy_from_slice(piece)).await;
            }
            std::future::poll_fn(|cx| futures_sink::Sink::poll_close(writer.as_mut(), cx)).await.unwrap();
        };
        let receive = async { reader.await.map(Result::unwrap).collect::<Vec<Bytes>>().await.concat() };
        let ((), received) = tokio::join!(send, receive);
        assert_eq!(received, body);
    });
}

async fn send(mut writer: std::pin::Pin<&mut Arg3Writer>, piece: Bytes) {
    use futures_sink::Sink;
    std::future::poll_fn(|cx| Sink::<Bytes>::poll_ready(writer.as_mut(), cx)).await.unwrap();
    Sink::start_send(writer, piece).unwrap();
}

#[test]
fn a_piece_in_the_sink_leaves_before_whatever_ends_the_body() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        for end in ["tokio", "futures"] {
            let (writer, reader) = streamed(&pair).await;
            let mut writer = pin!(writer);
            send(writer.as_mut(), Bytes::from_static(b"one, ")).await;
            writer.flush().await.unwrap();
            let mut reader = reader.await;
            assert_eq!(reader.next().await.unwrap().unwrap(), "one, ", "it was flushed");
            send(writer.as_mut(), Bytes::from_static(b"two")).await;
            for _ in 0..2 {
                match end {
                    "tokio" => writer.shutdown().await.unwrap(),
                    _ => smol::io::AsyncWriteExt::close(&mut writer).await.unwrap(),
                }
            }
            assert_eq!(reader.next().await.unwrap().unwrap(), "two", "{end}");
            assert!(reader.next().await.is_none());
        }
    });
}

#[test]
fn futures_readers_and_writers_copy_a_body_there_and_back() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let (mut writer, reader) = streamed(&pair).await;
        let body = pattern(1 << 20);
        let send = async {
            smol::io::AsyncWriteExt::write_all(&mut writer, &body).await.unwrap();
            smol::io::AsyncWriteExt::close(&mut writer).await.unwrap();
        };
        let receive = async {
            let mut received = Vec::new();
            smol::io::AsyncReadExt::read_to_end(&mut reader.await, &mut received).await.unwrap();
            received
        };
        let ((), received) = tokio::join!(send, receive);
        assert_eq!(received, body);
    });
}

#[test]
fn errors_of_a_body_are_those_of_the_call() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let (writer, call) = pair.call("stream").host("127.0.0.1:9").open();
        assert_eq!(call.await.unwrap_err().code(), ErrorCode::Network);
        let error = std::io::Error::from(writer.into_arg3().map(|_| ()).unwrap_err());
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionAborted);
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<BodyError>());
        assert!(matches!(inner, Some(BodyError::Call(call)) if call.code() == ErrorCode::Network), "{error}");
    });
}
