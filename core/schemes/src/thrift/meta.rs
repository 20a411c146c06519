//! The Meta service, which every Thrift server answers under its own service name and under `tchannel`.

mod layout;

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::convert::Infallible;

use super::Method;

/// `Meta::health`.
#[derive(Debug)]
pub enum Health {}

/// `Meta::thriftIDL`.
#[derive(Debug)]
pub enum ThriftIdl {}

/// `Meta::versionInfo`.
#[derive(Debug)]
pub enum Version {}

macro_rules! method {
    ($method:ident, $name:literal, $request:ty, $success:ty) => {
        impl Method for $method {
            const SERVICE: &'static str = "Meta";
            const NAME: &'static str = $name;
            const ENDPOINT: &'static str = concat!("Meta::", $name);
            type Request = $request;
            type Success = $success;
            type Exceptions = Infallible;
        }
    };
}

method!(Health, "health", HealthArgs, HealthStatus);
method!(ThriftIdl, "thriftIDL", NoArgs, ThriftIdls);
method!(Version, "versionInfo", NoArgs, VersionInfo);

/// How a service stands towards new calls. A number that no state has is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HealthState {
    /// 0: takes none.
    Refusing,
    /// 1: takes them.
    Accepting,
    /// 2: takes no more, finishes those it has.
    Stopping,
    /// 3: takes no more, has none.
    Stopped,
    /// Any other number.
    Unknown(i32),
}

/// What a health check is about. A number that no type has is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HealthRequestType {
    /// 0: whether the process runs.
    Process,
    /// 1: whether it takes calls.
    Traffic,
    /// Any other number.
    Unknown(i32),
}

/// What is asked of [`Health`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct HealthRequest {
    /// 1: what the check is about; nothing means [`Traffic`](HealthRequestType::Traffic).
    pub kind: Option<HealthRequestType>,
}

/// Arguments of [`Health`]. Older clients send none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct HealthArgs {
    /// 1: what is asked.
    pub request: Option<HealthRequest>,
}

/// Answer of [`Health`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HealthStatus {
    /// 1: whether all is well.
    pub ok: bool,
    /// 2: what is not, or anything else for people.
    pub message: Option<String>,
    /// 3: how the service stands towards new calls.
    pub state: Option<HealthState>,
}

/// Arguments of methods that take none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct NoArgs;

/// Answer of [`ThriftIdl`]. A server that has no files answers `bad request` with [`NO_IDL`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ThriftIdls {
    /// 1: sources by file names.
    pub idls: BTreeMap<String, String>,
    /// 2: name of the file to begin with.
    pub entry_point: String,
}

/// Answer of [`Version`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct VersionInfo {
    /// 1: language of the implementation.
    pub language: String,
    /// 2: version of the language.
    pub language_version: String,
    /// 3: version of the implementation.
    pub version: String,
}

/// The service name under which the Meta service is always found.
pub const META_SERVICE: &str = "tchannel";

/// Text of the `bad request` that answers [`ThriftIdl`] where no IDL files are registered.
pub const NO_IDL: &str = "no IDL";

impl HealthArgs {
    /// What the check is about.
    pub fn kind(&self) -> HealthRequestType {
        self.request.and_then(|request| request.kind).unwrap_or(HealthRequestType::Traffic)
    }
}

impl HealthStatus {
    /// Answers a check by how the service stands; `message` says why it takes no calls, when it does not.
    ///
    /// A check of the process is always well. Any other is well while calls are taken, and has a message when not: the
    /// state's name, where none is given.
    pub fn answer(asked: HealthRequestType, state: HealthState, message: Option<String>) -> Self {
        let accepting = state == HealthState::Accepting;
        match asked {
            HealthRequestType::Process => Self { ok: true, message, state: Some(state) },
            HealthRequestType::Traffic | HealthRequestType::Unknown(_) if accepting => {
                Self { ok: true, message, state: Some(state) }
            }
            HealthRequestType::Traffic | HealthRequestType::Unknown(_) => {
                let message = message.unwrap_or_else(|| state.word().into());
                Self { ok: false, message: Some(message), state: Some(state) }
            }
        }
    }
}

impl HealthState {
    const fn word(self) -> &'static str {
        match self {
            Self::Refusing => "refusing",
            Self::Accepting => "accepting",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Unknown(_) => "unknown",
        }
    }
}

#[cfg(test)]
mod tests;
