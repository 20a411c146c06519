use std::time::Duration;

use super::lock;
use crate::shared::channel::Handle;
use crate::{Builder, tokio::Tokio};

#[tokio::test]
async fn a_channel_that_is_dropped_while_it_drains_keeps_its_time() {
    let channel = Builder::new(Tokio::current().expect("a runtime"), "moe").build().expect("a good name");
    let Handle { hub } = &*channel.handle;
    let hub = hub.clone();
    let drained = channel.drain(Duration::from_secs(300));
    let before = lock(&hub.state).drained_by;
    drop(channel);
    assert_eq!(lock(&hub.state).drained_by, before);
    assert_eq!(drained.await.cut, 0);
}
