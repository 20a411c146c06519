//! Thrift without generated code: methods are found by their names at run time, values are JSON.
//!
//! ```
//! use serde_json::json;
//! use tchannel_rpc::idl::{Idl, Thrown};
//! use tchannel_rpc::thrift::CallError;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let idl = Idl::parse(
//!     "exception NotFoundError { 1: required string key }
//!      service KeyValue { string getValue(1: string key) throws (1: NotFoundError notFound) }",
//! )?;
//! let keyvalue = idl.service("KeyValue")?;
//!
//! let server = tchannel_rpc::tokio::channel("keyvalue")?;
//! server.service("keyvalue")?.register_idl(&keyvalue.method("getValue")?, async |_, arguments| {
//!     match &arguments["key"] {
//!         key if key == "greeting" => Ok(json!("hello")),
//!         key => Err(Thrown { name: "notFound".into(), ty: String::new(), value: json!({ "key": key }) }.into()),
//!     }
//! })?;
//! let at = server.listen("127.0.0.1:0").await?;
//!
//! let channel = tchannel_rpc::tokio::channel("visitor")?;
//! let get_value = channel.thrift("keyvalue").host(at).idl(&keyvalue).method("getValue")?;
//! assert_eq!(get_value.request(&json!({ "key": "greeting" }))?.await?, "hello");
//! let missing = get_value.request(&json!({ "key": "farewell" }))?.await;
//! assert!(matches!(missing, Err(CallError::Exception(thrown)) if thrown.value["key"] == "farewell"));
//! # Ok(())
//! # }
//! ```

pub use tchannel_idl::dynamic::{RequestError, Service, Thrown, UnknownName};
pub use tchannel_idl::{Error, Fault, Idl, Position, dynamic, model};

pub use crate::shared::schemes::idl::{Answer, Call, Client, Method, Sent, Value};
