//! Arguments of many sizes there and back, each under each checksum that is sent.

use tchannel_rpc::testing::pattern;
use tchannel_rpc::{ChecksumKind, Response};

use crate::interop::{Expect, Failure, Scenario, Verdict};

/// Those that this implementation sends; FarmHash it only verifies.
const CHECKSUMS: [(&str, ChecksumKind); 3] =
    [("none", ChecksumKind::None), ("crc32", ChecksumKind::Crc32), ("crc32c", ChecksumKind::Crc32c)];
/// Bytes of arg3: nothing, little, and around what a length of 16 bits can say.
const SIZES: [usize; 7] = [0, 1, 1 << 10, (64 << 10) - 1, 64 << 10, (64 << 10) + 1, 1 << 20];
/// Bytes of arg2 and arg3: empty, short, and one frame or more.
const PAIRS: [(usize, usize); 9] = [
    (0, 0),
    (0, 1),
    (1, 0),
    (1, 1),
    (70_000, 0),
    (70_000, 5),
    (5, 70_000),
    (70_000, 70_000),
    (200_000, 300_000),
];

pub(super) fn all() -> Vec<Scenario> {
    let plain = CHECKSUMS.map(|(name, kind)| {
        Scenario::call(
            format!("raw-echo-{name}"),
            move |caller| caller.call("echo").arg2("head").arg3("hello world").checksum(kind),
            Expect::such(move |response| answered_alike(response, kind)),
        )
    });
    let sized = CHECKSUMS.into_iter().flat_map(|(name, kind)| {
        SIZES.map(|size| {
            Scenario::call(
                format!("raw-echo-{name}-{size}"),
                move |caller| caller.call("echo").arg2("h").arg3(pattern(size)).checksum(kind),
                Expect::ok("h", pattern(size)),
            )
        })
    });
    let pairs = PAIRS.map(|(arg2, arg3)| {
        Scenario::call(
            format!("raw-echo-arg2-{arg2}-arg3-{arg3}"),
            move |caller| caller.call("echo").arg2(pattern(arg2)).arg3(pattern(arg3)),
            Expect::ok(pattern(arg2), pattern(arg3)),
        )
    });
    plain.into_iter().chain(sized).chain(pairs).collect()
}

fn answered_alike(response: &Response, kind: ChecksumKind) -> Verdict {
    let got = response.checksum();
    Failure::unless(got == kind, || format!("checksum: sent {kind:?}, the answer has {got:?}"))?;
    Expect::ok("head", "hello world").judge(Ok(response.clone()))
}
