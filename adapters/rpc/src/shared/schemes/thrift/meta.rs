//! The Meta service: every channel answers it for itself, and for each of its services that has Thrift methods.

mod files;

use tchannel_mesh::BUILT_IN;
use tchannel_proto::wire::ErrorCode;
use tchannel_proto::{IMPLEMENTATION_VERSION, LANGUAGE, LANGUAGE_VERSION};
use tchannel_schemes::thrift::meta::{
    Health, HealthState, HealthStatus, NO_IDL, ThriftIdl, ThriftIdls, Version, VersionInfo,
};
use tchannel_schemes::thrift::{Headers, Method, encode_reply};

pub(crate) use files::Idls;

use super::SCHEME;
use super::serve::asked;
use crate::shared::hub::Hub;
use crate::shared::serve::{Endpoint, Reject, Reply, Request};

/// What serves all that a channel answers itself.
pub(crate) fn endpoint() -> Endpoint {
    Endpoint::new(BUILT_IN, b"(built in)", |request: Request| {
        let reply = answer(request);
        async { reply }
    })
}

fn answer(request: Request) -> Result<Reply, Reject> {
    let scheme = request.scheme().as_str().to_owned();
    let method: fn(Request) -> Result<Reply, Reject> = match &request.arg1()[..] {
        b"Meta::health" => health,
        b"Meta::thriftIDL" => idl,
        b"Meta::versionInfo" => version,
        _ => return Err(no_such_endpoint(&request)),
    };
    if scheme != SCHEME {
        let words = format!("expected arg scheme {SCHEME:?}, got {scheme:?}");
        return Err(Reject::new(ErrorCode::BadRequest, words));
    }
    method(request)
}

fn health(request: Request) -> Result<Reply, Reject> {
    let hub = request.hub().clone();
    let (_, arguments) = asked::<Health>(request)?;
    reply::<Health>(HealthStatus::answer(arguments.kind(), state(&hub), None))
}

fn state(hub: &Hub) -> HealthState {
    let draining = hub.with_mesh(|mesh, _| mesh.is_draining());
    if draining { HealthState::Stopping } else { HealthState::Accepting }
}

fn idl(request: Request) -> Result<Reply, Reject> {
    let hub = request.hub().clone();
    let (context, _) = asked::<ThriftIdl>(request)?;
    let idl = hub.idls.of(context.request().service(), &hub.config.name);
    let idl = idl.ok_or_else(|| Reject::new(ErrorCode::BadRequest, NO_IDL))?;
    reply::<ThriftIdl>(ThriftIdls::clone(&idl))
}

fn version(request: Request) -> Result<Reply, Reject> {
    asked::<Version>(request)?;
    let version = VersionInfo {
        language: LANGUAGE.into(),
        language_version: LANGUAGE_VERSION.into(),
        version: IMPLEMENTATION_VERSION.into(),
    };
    reply::<Version>(version)
}

fn reply<M: Method>(value: M::Success) -> Result<Reply, Reject> {
    Ok(Reply::ok(Headers::new().encode()?, encode_reply::<M>(&Ok(value))?))
}

/// As the machine says it of endpoints that nobody registered.
fn no_such_endpoint(request: &Request) -> Reject {
    let (service, endpoint) = (request.service(), request.endpoint());
    let words = format!("no such endpoint service=\"{service}\" endpoint=\"{endpoint}\"");
    Reject::new(ErrorCode::BadRequest, words)
}
