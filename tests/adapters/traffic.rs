//! What crosses the stream, and how often.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;

use tchannel_rpc::Builder;
use tchannel_rpc::testing::{Network, Shape, echo, pattern};
use tchannel_rpc::tokio::Tokio;

use super::{Pair, block_on};

#[test]
fn small_calls_share_writes_in_both_directions() {
    block_on(async {
        let pair = Arc::new(Pair::new(Shape::default()).await);
        for round in 0..20 {
            let before = (pair.network.dialling().writes(), pair.network.accepting().writes());
            let calls: Vec<_> = (0..100)
                .map(|n: u32| {
                    let pair = pair.clone();
                    tokio::spawn(async move { pair.call("echo").arg3(n.to_string()).send().await })
                })
                .collect();
            for (n, call) in calls.into_iter().enumerate() {
                assert_eq!(call.await.unwrap().unwrap().body(), n.to_string());
            }
            let asked = pair.network.dialling().writes() - before.0;
            let answered = pair.network.accepting().writes() - before.1;
            if round > 0 {
                assert!(asked <= 10, "{asked} writes for 100 requests in round {round}");
                assert!(answered <= 10, "{answered} writes for 100 answers in round {round}");
            }
        }
    });
}

#[test]
fn answers_of_handlers_that_wait_share_writes_too() {
    block_on(async {
        let pair = Arc::new(Pair::new(Shape::default()).await);
        pair.call("echo").send().await.unwrap();
        let before = pair.network.accepting().writes();
        let calls: Vec<_> = (0..100).map(|_| pair.call("sleep").arg3("5").send()).collect();
        for call in calls {
            assert_eq!(call.await.unwrap().body(), "slept 5");
        }
        let answered = pair.network.accepting().writes() - before;
        assert!(answered <= 20, "{answered} writes");
    });
}

#[test]
fn a_lone_call_is_one_write_each_way() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        pair.call("echo").send().await.unwrap();
        let before = (pair.network.dialling().writes(), pair.network.accepting().writes());
        for _ in 0..50 {
            pair.call("echo").arg3("x").send().await.unwrap();
        }
        assert_eq!(pair.network.dialling().writes() - before.0, 50);
        assert_eq!(pair.network.accepting().writes() - before.1, 50);
    });
}

#[test]
fn large_bodies_leave_from_where_they_are() {
    block_on(async {
        let pair = Pair::new(Shape { capacity: 64 << 20, ..Shape::default() }).await;
        pair.call("echo").send().await.unwrap();
        pair.network.dialling().take_parts();
        let body = pattern(1 << 20);
        let inside = body.as_ptr().addr()..body.as_ptr().addr() + body.len();
        let before = pair.network.dialling().writes();
        let response = pair.call("echo").arg3(body.clone()).send().await.unwrap();
        assert_eq!(response.body(), body);
        let parts: BTreeSet<_> = pair.network.dialling().take_parts().into_iter().collect();
        let shared: usize = parts.iter().filter(|(at, _)| inside.contains(at)).map(|(_, len)| len).sum();
        let copied = body.len() - shared;
        assert!(copied < 1 << 10, "{copied} bytes were copied; only a short last part may be");
        let writes = pair.network.dialling().writes() - before;
        assert!(writes <= 3, "{writes} writes for 1 MiB");
    });
}

#[test]
fn a_read_may_bring_more_than_the_core_queues() {
    block_on(async {
        let network = Network::new(Tokio::current().unwrap(), Shape::default());
        let builder =
            || Builder::new(network.clone(), "x").config(|config| config.max_events = NonZeroUsize::MIN);
        let server = builder().build().unwrap();
        echo(&server, "echo", network.clone());
        let at = server.listen("127.0.0.1:0").await.unwrap();
        let client = builder().build().unwrap();
        let calls: Vec<_> = (0..100).map(|_| client.call("echo", "echo").host(at).send()).collect();
        for call in calls {
            call.await.unwrap();
        }
    });
}
