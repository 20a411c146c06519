use alloc::string::ToString;

use super::*;

fn shown(frame: Option<FrameType>, field: Field, offset: usize, problem: Problem) -> alloc::string::String {
    Malformed { frame, field, offset, problem }.to_string()
}

#[test]
fn frame_field_place_and_numbers_are_named() {
    let truncated = Problem::Truncated { needed: 300, left: 12 };
    assert_eq!(
        shown(Some(FrameType::CallReq), Field::Chunk, 57, truncated),
        "call req: chunk at byte 57 needs 300 bytes, 12 left"
    );
    assert_eq!(shown(None, Field::HeaderKey, 31, Problem::Duplicate), "header key at byte 31 is there twice");
    assert_eq!(
        shown(Some(FrameType::InitReq), Field::HostPort, 0, Problem::Missing),
        "init req: host_port is missing"
    );
    assert_eq!(
        shown(None, Field::FrameSize, 0, Problem::OutOfRange { value: 5, min: 16, max: 65_535 }),
        "frame size is 5, must be 16 to 65535"
    );
}

#[test]
fn texts_of_the_protocol_stand_alone() {
    let frame = Some(FrameType::CallReq);
    assert_eq!(
        shown(frame, Field::ChecksumType, 40, Problem::Unknown { value: 4 }),
        "unknown checksum type 4"
    );
    assert_eq!(shown(frame, Field::ChecksumType, 1, Problem::Changed), "checksum type changed");
    assert_eq!(
        shown(
            frame,
            Field::Checksum,
            0,
            Problem::Mismatch { expected: 0xDEAD_BEEF, actual: 2_235_420_054, kind: 3 }
        ),
        "invalid checksum (type 3) expected: 3735928559 actual: 2235420054"
    );
    assert_eq!(shown(frame, Field::Service, 30, Problem::Empty), "no service name given");
    assert_eq!(
        shown(frame, Field::Args, 0, Problem::Count { expected: 3, got: 2 }),
        "expected 3 args, got 2"
    );
    assert_eq!(
        shown(frame, Field::Arg1, 0, Problem::TooLong { len: 16_385, limit: 16_384 }),
        "arg1 length 16385 is larger than the limit 16384"
    );
}

#[test]
fn first_name_of_a_frame_stays() {
    let malformed = Malformed::new(Field::Chunk, 1, Problem::Missing);
    assert_eq!(malformed.frame, None);
    let named = malformed.within(FrameType::CallRes);
    assert_eq!(named.frame, Some(FrameType::CallRes));
    assert_eq!(named.within(FrameType::CallReq), named);
}
