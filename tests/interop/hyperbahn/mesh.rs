//! Routers to start and to stop.

use std::net::SocketAddr;

use tchannel_rpc::hyperbahn::Routers;
use tchannel_tests::peers::{Peer, Server};

use super::super::check::done;

/// A mesh, the original or a stand-in.
pub(super) trait Mesh {
    /// Where its routers listen, those that were stopped included.
    fn addresses(&self) -> Vec<SocketAddr>;

    /// Stops a router without a word.
    fn kill(&mut self, router: usize);

    /// Has a router stop as an operator does.
    fn drain(&self, router: usize);

    fn routers(&self) -> Routers {
        Routers::from_texts(self.addresses().iter().map(SocketAddr::to_string)).expect("there is one")
    }

    /// As the scripts of the peers want it.
    fn list(&self) -> String {
        self.addresses().iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(",")
    }
}

/// The original.
pub(super) struct Real {
    addresses: Vec<SocketAddr>,
    running: Vec<Option<Server>>,
}

impl Real {
    /// Routers that know each other.
    pub(super) fn ring(size: usize, args: &[&str]) -> Self {
        let mut real = Real { addresses: Vec::new(), running: Vec::new() };
        for _ in 0..size {
            let others = real.list();
            let join: &[&str] = if others.is_empty() { &[] } else { &["--join", &others] };
            let router = done(Server::start(Peer::Hyperbahn, &[join, args].concat()));
            real.addresses.push(router.address());
            real.running.push(Some(router));
        }
        real
    }
}

impl Mesh for Real {
    fn addresses(&self) -> Vec<SocketAddr> {
        self.addresses.clone()
    }

    fn kill(&mut self, router: usize) {
        drop(self.running[router].take());
    }

    fn drain(&self, router: usize) {
        done(self.running[router].as_ref().expect("it runs").terminate());
    }
}
