//! JSON over TChannel: calls and handlers of any type that serde knows.
//!
//! ```
//! use serde_json::{Value, json};
//! use tchannel_rpc::json::{Context, Failure, JsonError};
//!
//! async fn double(_: Context, number: i64) -> Result<i64, Failure> {
//!     let doubled = number.checked_mul(2);
//!     Ok(doubled.ok_or_else(|| JsonError::new("numbers.too-large", format!("{number} is too large")))?)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = tchannel_rpc::tokio::channel("numbers")?;
//! server.service("numbers")?.register_json("double", double);
//! let at = server.listen("127.0.0.1:0").await?;
//!
//! let client = tchannel_rpc::tokio::channel("visitor")?;
//! let answer = client.json("numbers", "double").host(at).body(&21).send::<i64>().await?;
//! assert_eq!(answer.body, 42);
//! let error = client.json("numbers", "double").host(at).body(&i64::MAX).send::<i64>().await.unwrap_err();
//! assert_eq!(error.to_string(), "numbers.too-large: 9223372036854775807 is too large");
//! # Ok(())
//! # }
//! ```

pub use tchannel_schemes::json::*;

pub use crate::shared::schemes::json::{Answer, Call, CallError, Context, Failure, Sent};
