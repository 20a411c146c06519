use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use tchannel_rpc::{CallError, ErrorCode, Response, ResponseCode};

use super::{Failure, Verdict};

/// What has to come of a call.
#[derive(Clone)]
pub enum Expect {
    /// Success with these arguments.
    Ok {
        /// arg2 of the answer.
        arg2: Bytes,
        /// arg3 of the answer.
        arg3: Bytes,
    },
    /// An application error, code 1, with these arguments.
    NotOk {
        /// arg2 of the answer.
        arg2: Bytes,
        /// arg3 of the answer.
        arg3: Bytes,
    },
    /// A failure with this code, wherever it was found.
    Error(ErrorCode),
    /// An error frame with this code and text.
    Says(ErrorCode, &'static str),
    /// An answer that this is content with.
    Such(Arc<dyn Fn(&Response) -> Verdict + Send + Sync>),
}

impl Expect {
    /// Success with these arguments.
    pub fn ok(arg2: impl Into<Bytes>, arg3: impl Into<Bytes>) -> Self {
        Expect::Ok { arg2: arg2.into(), arg3: arg3.into() }
    }

    /// An application error with these arguments.
    pub fn not_ok(arg2: impl Into<Bytes>, arg3: impl Into<Bytes>) -> Self {
        Expect::NotOk { arg2: arg2.into(), arg3: arg3.into() }
    }

    /// An answer that `judge` is content with.
    pub fn such(judge: impl Fn(&Response) -> Verdict + Send + Sync + 'static) -> Self {
        Expect::Such(Arc::new(judge))
    }

    /// Compares with what came.
    pub fn judge(&self, came: Result<Response, CallError>) -> Verdict {
        match self {
            Expect::Ok { arg2, arg3 } => answer(&came?, ResponseCode::OK, arg2, arg3),
            Expect::NotOk { arg2, arg3 } => answer(&came?, ResponseCode::NOT_OK, arg2, arg3),
            Expect::Error(code) => error(came, *code),
            Expect::Says(code, text) => {
                let detail = error(came, *code)?;
                Failure::unless(detail["message"] == *text, || format!("expected `{text}`, got {detail}"))?;
                Ok(detail)
            }
            Expect::Such(judge) => judge(&came?),
        }
    }
}

fn answer(response: &Response, code: ResponseCode, arg2: &[u8], arg3: &[u8]) -> Verdict {
    let got = response.code();
    Failure::unless(got == code, || format!("expected response code {}, got {}", code.0, got.0))?;
    same("arg2", response.arg2(), arg2)?;
    same("arg3", &response.body(), arg3)?;
    Ok(Value::Null)
}

fn same(what: &str, got: &[u8], expected: &[u8]) -> Result<(), Failure> {
    Failure::unless(got == expected, || {
        let at = got.iter().zip(expected).take_while(|(got, expected)| got == expected).count();
        let (got_len, expected_len) = (got.len(), expected.len());
        let near = |bytes: &[u8]| bytes[at..bytes.len().min(at + SHOWN)].escape_ascii().to_string();
        let (got, expected) = (near(got), near(expected));
        format!(
            "{what}: expected {expected_len} bytes, got {got_len}; from byte {at} on `{expected}`, got `{got}`"
        )
    })
}

/// Bytes shown of two arguments that differ.
const SHOWN: usize = 32;

fn error(came: Result<Response, CallError>, code: ErrorCode) -> Verdict {
    match came {
        Ok(response) => Err(Failure::Unexpected(format!(
            "expected the error `{code}`, got an answer of code {} with {} bytes",
            response.code().0,
            response.body().len()
        ))),
        Err(error) if error.code() == code => Ok(describe(&error)),
        Err(error) => Err(Failure::Unexpected(format!("expected the error `{code}`, got: {error}"))),
    }
}

fn describe(error: &CallError) -> Value {
    json!({
        "code": error.code().to_string(),
        "origin": error.origin().to_string(),
        "message": error.message(),
    })
}
