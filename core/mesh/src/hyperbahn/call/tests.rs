use alloc::string::ToString;
use alloc::vec::Vec;

use super::*;
use crate::options::{Layers, Style};

#[test]
fn client_channel() {
    let client = Client::new("other-service", "thrift", None).expect("a name");
    assert_eq!(client.direction, Direction::In);
    let (call, channel) = (CallOptions::new(), CallOptions::new());
    let layers = Layers {
        call: &call,
        subchannel: Some(("other-service", &client.defaults)),
        channel: &channel,
        channel_name: "my-caller",
        style: Style::Python,
    };
    let plan = layers.plan().expect("a plan");
    assert_eq!(plan.route.service(), "other-service");
    let headers: Vec<_> = plan.route.headers().iter().collect();
    assert_eq!(headers, [("cn", "my-caller"), ("as", "thrift"), ("re", "c")]);
}

#[test]
fn client_of_no_service_is_refused() {
    assert_eq!(Client::new("", "raw", None).err(), Some(ServiceError::ServiceNameRequired));
}

#[test]
fn failure_of_a_call_reads_as_what_it_wraps() {
    assert_eq!(RouterError::from(OpenError::Closed).to_string(), OpenError::Closed.to_string());
}
