//! Who serves a service: one call, and its answer.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, SocketAddr};

use tchannel_proto::Args;
use tchannel_wire::MAX_SERVICE;
use thiserror::Error;

use super::call::Call;
use super::thrift::{Reader, ThriftError, ThriftProblem, kind};
use crate::host_port::HostPort;
use crate::{ServiceError, check_name};

/// A question for the peers of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discover {
    service: String,
    affine: bool,
}

impl Discover {
    /// Asks for every peer.
    pub fn new(service: &str) -> Result<Self, ServiceError> {
        check_name(service)?;
        Ok(Discover { service: service.to_owned(), affine: false })
    }

    /// Asks only for the peers that the router itself keeps connections to.
    #[must_use = "gives the question back"]
    pub fn affine(mut self) -> Self {
        self.affine = true;
        self
    }

    /// The call that asks. Nothing is changed by it, so it may be retried; give it the timeout that you want.
    pub fn call(&self) -> Call {
        let endpoint = if self.affine { "Hyperbahn::discoverAffine" } else { "Hyperbahn::discover" };
        Call::new(endpoint, "thrift", Args::new(&b"\0\0"[..], self.query()))
    }

    /// Reads the answer's arg3, whether it came as ok or not: the struct in it decides. A service without peers is an
    /// error, never an empty list.
    pub fn read(arg3: &[u8]) -> Result<Vec<HostPort>, DiscoverError> {
        let mut reader = Reader::new(arg3);
        let (mut peers, mut refused) = (None, None);
        while let Some(field) = reader.field()? {
            match field.id {
                PEERS => {
                    reader.check(field, kind::STRUCT)?;
                    peers = Some(result(&mut reader)?);
                }
                NO_PEERS_AVAILABLE => {
                    reader.check(field, kind::STRUCT)?;
                    let (message, service) = exception(&mut reader)?;
                    refused = Some(DiscoverError::NoPeersAvailable { message, service });
                }
                INVALID_SERVICE_NAME => {
                    reader.check(field, kind::STRUCT)?;
                    let (message, service) = exception(&mut reader)?;
                    refused = Some(DiscoverError::InvalidServiceName { message, service });
                }
                field_id => {
                    reader.skip(field.kind)?;
                    refused.get_or_insert(DiscoverError::UnknownException { field: field_id });
                }
            }
        }
        reader.end()?;
        match refused {
            Some(refused) => Err(refused),
            None => peers.ok_or(DiscoverError::ValueExpected),
        }
    }

    /// `DiscoveryQuery` as the first argument.
    fn query(&self) -> Vec<u8> {
        // Checked when it was made: a name has 255 bytes at most.
        let len = u32::try_from(self.service.len()).unwrap_or_default();
        let mut query = Vec::with_capacity(12 + MAX_SERVICE);
        query.extend_from_slice(&[kind::STRUCT, 0, 1, kind::STRING, 0, 1]);
        query.extend_from_slice(&len.to_be_bytes());
        query.extend_from_slice(self.service.as_bytes());
        query.extend_from_slice(&[0, 0]);
        query
    }
}

/// Why a discovery gave no peers.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DiscoverError {
    /// Nobody advertises the service.
    #[error("nobody advertises the service: {message}")]
    NoPeersAvailable {
        /// What the router says.
        message: String,
        /// The service that it speaks of.
        service: String,
    },
    /// The router does not take the name.
    #[error("the router takes no such name: {message}")]
    InvalidServiceName {
        /// What the router says.
        message: String,
        /// The service that it speaks of.
        service: String,
    },
    /// The router answered with an exception that is not known here.
    #[error("the router answered with exception {field}, which is not known")]
    UnknownException {
        /// Its field in the answer.
        field: i16,
    },
    /// The answer holds neither peers nor an exception.
    #[error("the router's answer to discover holds no peers and no reason")]
    ValueExpected,
    /// The answer is not the struct that it must be.
    #[error("the router's answer cannot be read: {0}")]
    Unreadable(#[from] ThriftError),
}

/// `DiscoveryResult`.
fn result(reader: &mut Reader<'_>) -> Result<Vec<HostPort>, ThriftError> {
    let mut peers = None;
    while let Some(field) = reader.field()? {
        if field.id != 1 {
            reader.skip(field.kind)?;
            continue;
        }
        reader.check(field, kind::LIST)?;
        let (element, count) = reader.list()?;
        if count > 0 && element != kind::STRUCT {
            return Err(reader.error(ThriftProblem::WrongType { field: 1, kind: element }));
        }
        let mut list = Vec::new();
        for _ in 0..count {
            list.push(peer(reader)?);
        }
        peers = Some(list);
    }
    peers.ok_or_else(|| reader.error(ThriftProblem::Missing(1)))
}

/// `ServicePeer`.
fn peer(reader: &mut Reader<'_>) -> Result<HostPort, ThriftError> {
    let (mut ip, mut port) = (None, None);
    while let Some(field) = reader.field()? {
        match field.id {
            1 => {
                reader.check(field, kind::STRUCT)?;
                ip = Some(address(reader)?);
            }
            2 => {
                reader.check(field, kind::I32)?;
                port = Some(reader.i32()?);
            }
            _ => reader.skip(field.kind)?,
        }
    }
    let ip = ip.ok_or_else(|| reader.error(ThriftProblem::Missing(1)))?;
    let value = port.ok_or_else(|| reader.error(ThriftProblem::Missing(2)))?;
    let port = u16::try_from(value).ok();
    let peer = port.and_then(|port| HostPort::try_from(SocketAddr::from((ip, port))).ok());
    peer.ok_or_else(|| reader.error(ThriftProblem::OutOfRange { field: 2, value }))
}

/// `IpAddress`.
fn address(reader: &mut Reader<'_>) -> Result<Ipv4Addr, ThriftError> {
    let mut ipv4 = None;
    while let Some(field) = reader.field()? {
        if field.id == 1 {
            reader.check(field, kind::I32)?;
            ipv4 = Some(Ipv4Addr::from(reader.i32()?.to_be_bytes()));
        } else {
            reader.skip(field.kind)?;
        }
    }
    ipv4.ok_or_else(|| reader.error(ThriftProblem::Missing(1)))
}

/// Message and service name of either exception; what is absent is empty.
fn exception(reader: &mut Reader<'_>) -> Result<(String, String), ThriftError> {
    let mut texts = [String::new(), String::new()];
    while let Some(field) = reader.field()? {
        let text = match field.id {
            1 => &mut texts[0],
            2 => &mut texts[1],
            _ => {
                reader.skip(field.kind)?;
                continue;
            }
        };
        reader.check(field, kind::STRING)?;
        *text = reader.text()?.chars().take(SHOWN).collect();
    }
    Ok(texts.into())
}

const PEERS: i16 = 0;
const NO_PEERS_AVAILABLE: i16 = 1;
const INVALID_SERVICE_NAME: i16 = 2;

/// Characters of an exception's texts that are kept: they go into messages and logs.
const SHOWN: usize = 1_000;

#[cfg(test)]
mod tests;
