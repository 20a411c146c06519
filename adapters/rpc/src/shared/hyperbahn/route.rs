//! Where to listen, if nothing is said: an address that routers can connect to.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use tchannel_mesh::hyperbahn::Routers;

/// The address of this machine towards the routers, or towards the world; its own loopback only if all routers are
/// there. `None`: it has no other address.
pub(super) fn own_address(routers: &Routers) -> Option<IpAddr> {
    let addresses: Vec<SocketAddr> = routers.iter().filter_map(tchannel_mesh::HostPort::address).collect();
    let outward = addresses.iter().copied().chain([WORLD]).filter_map(towards);
    let mut outward = outward.filter(|own| !own.is_loopback());
    outward.next().or_else(|| {
        let local =
            addresses.len() == routers.iter().len() && addresses.iter().all(|at| at.ip().is_loopback());
        local.then_some(Ipv4Addr::LOCALHOST.into())
    })
}

/// Which of its addresses this machine would use. Sends nothing.
fn towards(address: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr = if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { return None };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(address).ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_unspecified()).then_some(own)
}

/// An address for documentation, where nobody is (RFC 5737): whoever has a way out has one to it.
const WORLD: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9);

#[cfg(test)]
mod tests;
