//! Arguments that end with exactly so many bytes left in a frame, in requests and in answers.

use bytes::Bytes;
use serde_json::{Value, json};
use tchannel_rpc::testing::pattern;
use tchannel_rpc::wire::{FRAME_HEADER, MAX_FRAME, Tracing};

use crate::interop::{CALLER, Caller, Expect, Failure, SERVICE, Scenario, Verdict};

/// Bytes left after the argument's end. The length of another chunk takes two.
const LEFT: [usize; 5] = [4, 3, 2, 1, 0];

pub(super) fn all() -> Vec<Scenario> {
    let left = LEFT.into_iter().flat_map(|left| at(&format!("left{left}"), left, 0));
    let over = at("over1", 0, 1);
    left.chain(over).chain([Scenario::script("boundary-exact", exact)]).collect()
}

/// `left` bytes less or `over` bytes more than fit.
fn at(tag: &str, left: usize, over: usize) -> [Scenario; 4] {
    let request = request_room("echo") - left + over;
    let answer = ANSWER_ROOM - left + over;
    [
        sent(format!("boundary-arg2-{tag}"), pattern(request - CHUNK), "tail".into()),
        sent(format!("boundary-arg3-{tag}"), Bytes::new(), pattern(request - 2 * CHUNK)),
        answered(format!("boundary-res-arg2-{tag}"), pattern(answer - CHUNK), "tail".into()),
        answered(format!("boundary-res-arg3-{tag}"), Bytes::new(), pattern(answer - 2 * CHUNK)),
    ]
}

fn sent(name: String, arg2: Bytes, arg3: Bytes) -> Scenario {
    let expect = Expect::ok(arg2.clone(), arg3.clone());
    Scenario::call(name, move |caller| caller.call("echo").arg2(arg2.clone()).arg3(arg3.clone()), expect)
}

fn answered(name: String, arg2: Bytes, arg3: Bytes) -> Scenario {
    Scenario::script(name, move |caller| echoed(caller, arg2.clone(), arg3.clone()))
}

/// The sizes hold for an answer with the one header that every answer has.
async fn echoed(caller: Caller, arg2: Bytes, arg3: Bytes) -> Verdict {
    let response = caller.call("echo").arg2(arg2.clone()).arg3(arg3.clone()).send().await?;
    let headers: Vec<_> = response.headers().iter().collect();
    Failure::unless(headers == [("as", "raw")], || {
        format!("the answer has the headers {headers:?}, so that its arguments end elsewhere in its frames")
    })?;
    Expect::ok(arg2, arg3).judge(Ok(response))
}

/// Whether the sizes are right: what just fits comes in one frame, one byte more in two.
async fn exact(caller: Caller) -> Verdict {
    let mut fragmented = Vec::new();
    for more in [0, 1] {
        let arg3 = pattern(request_room("inspect") - 2 * CHUNK + more);
        let response = caller.call("inspect").arg3(arg3).send().await?;
        let seen: Value = serde_json::from_slice(&response.body()).unwrap_or_default();
        fragmented.push(seen["fragmented"].clone());
    }
    // python does not tell.
    Failure::unless(
        fragmented == [json!(false), json!(true)] || fragmented == [Value::Null, Value::Null],
        || format!("a full frame and one byte more are fragmented: {fragmented:?}"),
    )?;
    Ok(json!({ "fragmented": fragmented }))
}

/// Bytes of a chunk's length.
const CHUNK: usize = 2;
/// Bytes of the checksum's kind and value.
const CHECKSUM: usize = 5;

/// Bytes of the first frame of a request behind the chunk of arg1.
fn request_room(endpoint: &str) -> usize {
    let headers = 1 + [("cn", CALLER), ("as", "raw"), ("re", "n")].map(pair).iter().sum::<usize>();
    let head = 1 + 4 + Tracing::LEN + 1 + SERVICE.len() + headers + CHECKSUM;
    MAX_FRAME - FRAME_HEADER - head - CHUNK - endpoint.len()
}

/// Bytes of the first frame of an answer behind its empty arg1.
const ANSWER_ROOM: usize =
    MAX_FRAME - FRAME_HEADER - (1 + 1 + Tracing::LEN + 1 + 2 + 2 + 3 + CHECKSUM) - CHUNK;

fn pair((key, value): (&str, &str)) -> usize {
    1 + key.len() + 1 + value.len()
}
