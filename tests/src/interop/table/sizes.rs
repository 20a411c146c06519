//! Answers whose size has nothing to do with the request's.

use tchannel_rpc::testing::pattern;

use crate::interop::{Expect, Scenario};

const SIZES: [usize; 4] = [0, 1, 65_535, 1 << 20];
/// Of `pattern(123_456)`.
const DIGEST_ARG2: &str = "65f714712b623426d004a3dd02f9d642649154ecbc8fe23fa8a0346872745728";
/// Of `pattern(345_678)`.
const DIGEST_ARG3: &str = "00229c8219258e7762a0f08f81bb1ae507354dd77dda47c5a6017c554ebb4ce2";

pub(super) fn all() -> Vec<Scenario> {
    let big = SIZES.map(|size| {
        Scenario::call(
            format!("big-{size}"),
            move |caller| caller.call("big").arg3(size.to_string()),
            Expect::ok("", pattern(size)),
        )
    });
    let digest = Scenario::call(
        "sha256",
        |caller| caller.call("sha256").arg2(pattern(123_456)).arg3(pattern(345_678)),
        Expect::ok(DIGEST_ARG2, DIGEST_ARG3),
    );
    big.into_iter().chain([digest]).collect()
}
