//! What the codec has to say about the faulty frames made by hand.

use tchannel_wire::{Field, FrameType, Malformed, Problem};

/// What the codec makes of one piece of input made by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Refused.
    Malformed(Malformed),
    /// A frame of this type, which the protocol does not name.
    UnknownType(u8),
    /// Fewer bytes than the size field says: the rest would be waited for.
    Incomplete,
}

fn malformed(frame: Option<FrameType>, field: Field, offset: usize, problem: Problem) -> Verdict {
    Verdict::Malformed(Malformed { frame, field, offset, problem })
}

/// The faults that are the codec's to find. In every other case all frames decode: what is wrong with them, if
/// anything, is for a layer that knows the connection.
pub(crate) fn documented(case: &str) -> Option<Verdict> {
    let call_req = Some(FrameType::CallReq);
    let size =
        |value| malformed(None, Field::FrameSize, 0, Problem::OutOfRange { value, min: 16, max: 65_535 });
    let truncated =
        |field, offset, needed| malformed(call_req, field, offset, Problem::Truncated { needed, left: 0 });
    let mismatch = |kind, expected, actual| {
        malformed(None, Field::Checksum, 0, Problem::Mismatch { expected, actual, kind })
    };
    Some(match case {
        "size-0" => size(0),
        "size-1" => size(1),
        "size-5" => size(5),
        "size-15" => size(15),
        "size-16-call" => truncated(Field::Flags, 0, 1),
        "call-truncated-headers" => truncated(Field::HeaderKey, 44, 2),
        "call-arg-length-past-end" => truncated(Field::Chunk, 64, 65_535),
        "header-duplicate" => malformed(call_req, Field::HeaderKey, 52, Problem::Duplicate),
        "header-key-17" => malformed(call_req, Field::HeaderKey, 52, Problem::TooLong { len: 17, limit: 16 }),
        "headers-129" => {
            malformed(call_req, Field::HeaderCount, 35, Problem::OutOfRange { value: 129, min: 0, max: 128 })
        }
        "service-empty" => malformed(call_req, Field::Service, 30, Problem::Empty),
        "no-args" => malformed(call_req, Field::Chunk, 57, Problem::Missing),
        "last-frame-no-chunks" => {
            malformed(Some(FrameType::CallReqContinue), Field::Chunk, 6, Problem::Missing)
        }
        "bad-checksum" => mismatch(3, 0xDEAD_BEEF, 2_235_420_054),
        "bad-checksum-crc32" => mismatch(1, 0xDEAD_BEEF, 3_167_494_194),
        "res-bad-checksum" | "res-bad-checksum-then-good" | "res-fragment-bad-checksum" => {
            mismatch(3, 1, 495_564_537)
        }
        "type-0x00" => Verdict::UnknownType(0x00),
        "type-0x05" => Verdict::UnknownType(0x05),
        "unknown-type" => Verdict::UnknownType(0x42),
        "http-request" | "init-garbage" => Verdict::Incomplete,
        _ => return None,
    })
}
