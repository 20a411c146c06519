//! Every way to say no.

use tchannel_rpc::ErrorCode;

use crate::interop::{Expect, Language, Scenario};

const SYSTEM: [(&str, ErrorCode); 9] = [
    ("sys-timeout", ErrorCode::Timeout),
    ("sys-cancelled", ErrorCode::Cancelled),
    ("sys-busy", ErrorCode::Busy),
    ("sys-declined", ErrorCode::Declined),
    ("sys-unexpected", ErrorCode::Unexpected),
    ("sys-badrequest", ErrorCode::BadRequest),
    ("sys-network", ErrorCode::Network),
    ("sys-unhealthy", ErrorCode::Unhealthy),
    ("sys-protocol", ErrorCode::Fatal),
];

pub(super) fn all(peer: Language) -> Vec<Scenario> {
    let application = Scenario::call(
        "app-error",
        |caller| caller.call("app-error").arg2("h").arg3("it failed"),
        Expect::not_ok("h", "it failed"),
    );
    let system = SYSTEM.map(|(name, code)| {
        Scenario::call(name, move |caller| caller.call(name).arg3("because"), Expect::Says(code, "because"))
    });
    let crash = match peer {
        Language::Python | Language::Rust => ErrorCode::Unexpected,
        // No such endpoint.
        Language::Node | Language::Other => ErrorCode::BadRequest,
    };
    let unserved = [
        Scenario::call(
            "unknown-endpoint",
            |caller| caller.call("no-such-endpoint"),
            Expect::Error(ErrorCode::BadRequest),
        ),
        Scenario::call(
            "unknown-service",
            |caller| caller.call_service("no-such-service", "echo"),
            Expect::Error(ErrorCode::BadRequest),
        ),
        Scenario::call("crash", |caller| caller.call("crash"), Expect::Error(crash)),
    ];
    [application].into_iter().chain(system).chain(unserved).collect()
}
