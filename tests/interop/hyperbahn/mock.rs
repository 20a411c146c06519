//! The stand-in for users' own tests: the same services, the same outcome.

use std::net::SocketAddr;
use std::num::NonZeroU64;

use tchannel_rpc::Wait;
use tchannel_rpc::testing::MockMesh;

use super::mesh::Mesh;
use super::scenarios::{self, LIMITED, channel};
use super::services;

fn ring(size: usize) -> MockMesh {
    MockMesh::start((0..size).map(|_| channel("router"))).wait().expect("there are free ports")
}

impl Mesh for MockMesh {
    fn addresses(&self) -> Vec<SocketAddr> {
        MockMesh::addresses(self)
    }

    fn kill(&mut self, router: usize) {
        MockMesh::kill(self, router);
    }

    fn drain(&self, router: usize) {
        MockMesh::drain(self, router);
    }
}

#[test]
fn service_of_a_mock_mesh_is_advertised_discovered_called_and_forgotten() {
    scenarios::advertised_discovered_called_and_forgotten(&ring(1));
}

#[test]
fn service_of_a_mock_ring_is_known_to_all_of_it() {
    scenarios::known_everywhere(&ring(3));
}

#[test]
fn limit_of_a_mock_mesh_is_busy() {
    let mesh = ring(1);
    mesh.limit(LIMITED, NonZeroU64::new(5).expect("it is more"));
    scenarios::busy_over_five_calls_a_second(&mesh);
}

#[test]
fn mock_router_that_is_killed_under_load_fails_no_call() {
    scenarios::killed_under_load(&mut ring(3));
}

#[test]
fn mock_router_that_drains_under_load_fails_no_call_and_answers_those_that_it_has() {
    scenarios::drained_under_load(&mut ring(3));
}

#[test]
fn gone_worker_of_a_mock_mesh_is_a_network_error_until_another_comes() {
    scenarios::gone_worker(&ring(1));
}

#[test]
fn services_of_all_implementations_are_called_by_clients_of_all_through_a_mock_ring() {
    services::everyone_calls_everyone(&ring(3));
}
