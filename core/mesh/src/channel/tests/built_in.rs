//! Service `tchannel`.

use tchannel_proto::wire::ErrorCode;

use super::code;
use crate::channel::testing::{Manner, Table};
use crate::{BUILT_IN, CallOptions, ChannelConfig, Handling, Services, Ticket};

/// Node 0, and one that serves the endpoint `echo` under the reserved name, too.
fn table(serve_built_in: bool) -> Table {
    let mut table = Table::new(&[], |_| {});
    let mut config = ChannelConfig::new("echo");
    config.serve_built_in = serve_built_in;
    let server = table.add_peer(config, Manner::Echoes);
    let services = table.nodes[server].channel.services_mut();
    let service = services.create(BUILT_IN).expect("a new service");
    services.register(service, "echo", None, Handling::Whole).expect("a new endpoint");
    table
}

fn call(table: &mut Table) -> Ticket {
    let ticket = table.call(&CallOptions { service: Some(BUILT_IN.into()), ..CallOptions::new() });
    table.settle();
    ticket
}

#[test]
fn built_in_service_goes_to_the_owner_whoever_registers_its_name() {
    let mut table = table(true);
    let ticket = call(&mut table);
    assert!(table.nodes[0].ends[&ticket].result.is_ok());
    assert_eq!(table.nodes[1].endpoints, [Services::BUILT_IN_KEY]);
}

#[test]
fn built_in_service_is_collected_when_it_is_long() {
    let mut table = table(true);
    let args = tchannel_proto::Args::new("", alloc::vec![7; 200_000]);
    let options = CallOptions { service: Some(BUILT_IN.into()), ..CallOptions::new() };
    let channel = &mut table.nodes[0].channel;
    let ticket = channel.call(table.now, "Meta::health".into(), args, &options).expect("a good call");
    table.settle();
    let end = table.nodes[0].ends[&ticket].result.as_ref().expect("an answer");
    assert_eq!(end.1.len(), 200_000);
}

#[test]
fn built_in_service_is_a_bad_request_by_default() {
    let mut table = table(false);
    let ticket = call(&mut table);
    assert_eq!(code(&table, ticket), Some(ErrorCode::BadRequest));
    let failure = table.nodes[0].ends[&ticket].result.as_ref().expect_err("nobody serves it");
    assert_eq!(failure.error.message, "no such endpoint service=\"tchannel\" endpoint=\"echo\"");
    assert_eq!(table.nodes[1].served, 0);
}
