//! HTTP over TChannel: requests and responses, with bodies that are read and written bit by bit.
//!
//! ```
//! use tchannel_rpc::http::{Asked, Request, Responder, Response};
//! use tchannel_rpc::Reject;
//!
//! async fn shout(mut asked: Asked, answer: Responder) -> Result<(), Reject> {
//!     let head = Response { status: 200, message: "OK".into(), ..Response::default() };
//!     let mut body = answer.respond(&head).await?;
//!     while let Some(piece) = asked.body.chunk().await? {
//!         body.write(piece.to_ascii_uppercase()).await?;
//!     }
//!     Ok(body.finish()?)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = tchannel_rpc::tokio::channel("web")?;
//! server.service("web")?.serve_http(shout);
//! let at = server.listen("127.0.0.1:0").await?;
//!
//! let client = tchannel_rpc::tokio::channel("visitor")?;
//! let request = Request { method: "POST".into(), url: "/shout".into(), ..Request::default() };
//! let mut answer = client.http("web").host(at).send(&request, "hello").await?;
//! assert_eq!((answer.head.status, &answer.body.arg3().await?[..]), (200, &b"HELLO"[..]));
//!
//! let (mut body, call) = client.http("web").host(at).open(&request).await?;
//! body.write("bit by bit").await?;
//! body.finish()?;
//! assert_eq!(call.await?.body.arg3().await?, "BIT BY BIT");
//! # Ok(())
//! # }
//! ```
//!
//! Responses of every status are answers; the code byte of the call says nothing. What is written for a peer depends on
//! its language, where the implementations disagree: the lengths of URLs and reasons from 128 bytes on.

pub use tchannel_schemes::http::*;

pub use crate::shared::schemes::http::{Answer, AnswerError, Asked, Call, CallError, Calls, Responder};
