//! Streaming Thrift: methods whose requests or results are streams of structs.
//!
//! Which methods stream is not in their IDL: client and server agree on it. A request can be a stream where the method
//! has one argument, a struct (generated code marks it as a [`RequestStream`]); the results where it returns a struct.
//! What does not stream is as in scheme [`thrift`](crate::thrift).
//!
//! | request | results | client | server |
//! |---|---|---|---|
//! | stream | stream | [`Calls::exchange`] | [`SubChannel::register_exchange`] |
//! | stream | one | [`Calls::upload`] | [`SubChannel::register_upload`] |
//! | one | stream | [`Calls::download`] | [`SubChannel::register_download`] |
//!
//! An exception comes before the first result, and is then one of scheme `thrift`. Later ones reach the caller as
//! `unexpected error`. A chunk over [`MAX_CHUNK`] or an end within one is an error on both sides; to the server it is a
//! bad request.
//!
//! ```
//! use tchannel_rpc::sthrift::{Incoming, Results, StreamError};
//! use tchannel_rpc::thrift::{Context, Failure, Fields, Method, RequestStream};
//! # use std::convert::Infallible;
//!
//! // What generated code has for `Word shout(1: Word word)`, with a struct of any fields.
//! enum Shout {}
//! impl Method for Shout {
//!     const SERVICE: &'static str = "Words";
//!     const NAME: &'static str = "shout";
//!     const ENDPOINT: &'static str = "Words::shout";
//!     type Request = Fields;
//!     type Success = Fields;
//!     type Exceptions = Infallible;
//! }
//! impl RequestStream for Shout {
//!     type Item = Fields;
//! }
//!
//! async fn shout(
//!     _: Context,
//!     mut words: Incoming<Fields>,
//!     mut answers: Results<Fields>,
//! ) -> Result<(), Failure<Infallible>> {
//!     while let Some(word) = words.next().await.map_err(Failure::unexpected)? {
//!         answers.send(&word).await.map_err(Failure::unexpected)?;
//!     }
//!     Ok(())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = tchannel_rpc::tokio::channel("words")?;
//! server.service("words")?.register_exchange::<Shout, _, _>(shout);
//! let at = server.listen("127.0.0.1:0").await?;
//!
//! let client = tchannel_rpc::tokio::channel("visitor")?;
//! let (mut words, call) = client.thrift("words").host(at).exchange::<Shout>();
//! let word = Fields::default();
//! words.send(&word).await?;
//! // The answer begins with its first result.
//! let mut answer = call.await?;
//! assert_eq!(answer.results.next().await?, Some(word));
//! words.finish().await?;
//! assert_eq!(answer.results.next().await?, None);
//! # Ok(())
//! # }
//! ```
//!
//! [`Calls::exchange`]: crate::thrift::Calls::exchange
//! [`Calls::upload`]: crate::thrift::Calls::upload
//! [`Calls::download`]: crate::thrift::Calls::download
//! [`SubChannel::register_exchange`]: crate::SubChannel::register_exchange
//! [`SubChannel::register_upload`]: crate::SubChannel::register_upload
//! [`SubChannel::register_download`]: crate::SubChannel::register_download

pub use tchannel_schemes::sthrift::{Error as ChunkError, MAX_CHUNK};
pub use tchannel_schemes::thrift::RequestStream;

pub use crate::shared::schemes::sthrift::{
    Answer, Arguments, Call, Incoming, Results, StreamError, Uploaded,
};
