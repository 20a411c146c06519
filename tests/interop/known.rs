//! What cannot go well, by name, and whose fault it is.

/// node's fragmenter leaves arg3 out when arg2 ends with 0 or 1 byte left in the frame. A node server then closes the
/// connection, a python server does not answer, and this one refuses the call.
pub(crate) const NODE_FRAGMENTER: [&str; 2] = ["boundary-arg2-left1", "boundary-arg2-left0"];
/// The same in node's answers: this client reports that the third argument is missing.
pub(crate) const NODE_ANSWER_FRAGMENTER: [&str; 2] = ["boundary-res-arg2-left1", "boundary-res-arg2-left0"];
/// python has no FarmHash: its client raises, its server does not answer or fails the call.
pub(crate) const PYTHON_FARMHASH: [&str; 9] = [
    "raw-echo-farmhash",
    "raw-echo-farmhash-0",
    "raw-echo-farmhash-1",
    "raw-echo-farmhash-100",
    "raw-echo-farmhash-65535",
    "raw-echo-farmhash-65536",
    "raw-echo-farmhash-100000",
    "raw-echo-farmhash-262144",
    "raw-echo-farmhash-1048576",
];
/// python writes a fourth argument when exactly 2 bytes are left after arg2. This implementation takes it, both ways.
pub(crate) const PYTHON_FRAGMENTER: [&str; 1] = ["boundary-arg2-left2"];
/// python's server looks at arg1 only.
pub(crate) const PYTHON_SERVICES: [&str; 1] = ["unknown-service"];
/// python's server answers a request that it cannot read with "unexpected error" instead of "bad request".
pub(crate) const PYTHON_UNREADABLE: [&str; 1] = ["thrift-garbage"];
/// python's server keeps the last piece that it was given until the next one or the end: an echo comes one piece late,
/// and an error comes instead of the pieces before it.
pub(crate) const PYTHON_HELD_BACK: [&str; 3] =
    ["streamed-lockstep", "streamed-error", "streamed-response-first"];
/// python sends ttl 0 with a streamed request, which node refuses. This implementation serves it.
pub(crate) const PYTHON_STREAMS: [&str; 6] =
    ["stream-echo", "stream-echo-large", "stream-echo-none", "stream-out", "stream-in", "stream-error"];

/// What works between all of them and mostly waits.
pub(crate) const SLOW: [&str; 4] = ["timeout", "timeout-then-late-response", "never", "cancel"];
