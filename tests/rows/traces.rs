//! Identities of calls in traces.

use tchannel_proto::Timestamp;
use tchannel_rpc::{Channel, ErrorCode, Parent, Ratio, Reply, Request, Tracing};

use super::net::{ENDPOINT, LONG, Net, SERVICE, Server, answers, block_on, echoes, knowing, refuses};

const SAMPLED: Tracing = Tracing { span_id: 7, parent_id: 6, trace_id: 5, flags: 1 };

fn parent(tracing: Tracing) -> Parent {
    Parent { tracing, deadline: Timestamp::MAX }
}

/// A client whose traces are recorded, or not.
fn sampling(net: &Net, percent: u32, servers: &[&Server]) -> Channel {
    let builder = net.builder("client");
    let builder = builder.channel_config(|config| config.trace_sample = Ratio::percent(percent));
    knowing(builder, servers)
}

#[test]
fn n17_trace_off_without_a_parent_is_zeros() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = sampling(&net, 100, &[&server]);
        client.call(SERVICE, ENDPOINT).trace(false).send().await.unwrap();
        assert_eq!(net.line.request().tracing, Tracing::ZERO);
        client.call(SERVICE, ENDPOINT).send().await.unwrap();
        assert_ne!(net.line.request().tracing.trace_id, 0, "it is on by default");
    });
}

#[test]
fn n17_trace_off_with_a_sampled_parent_is_still_sampled() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = sampling(&net, 0, &[&server]);
        client.call(SERVICE, ENDPOINT).trace(false).parent(parent(SAMPLED)).send().await.unwrap();
        let tracing = net.line.request().tracing;
        assert_eq!((tracing.trace_id, tracing.parent_id, tracing.flags), (5, 7, 1));
        assert!(![0, 7].contains(&tracing.span_id));
    });
}

#[test]
fn n17_trace_off_with_a_parent_that_has_no_trace_is_zeros() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = sampling(&net, 100, &[&server]);
        client.call(SERVICE, ENDPOINT).trace(false).parent(parent(Tracing::ZERO)).send().await.unwrap();
        assert_eq!(net.line.request().tracing, Tracing::ZERO);
    });
}

#[test]
fn n18_tracing_is_used_as_it_is_when_it_is_forwarded() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = net.client(&[&server]);
        let call = client.call(SERVICE, ENDPOINT);
        let answer = call.clone().forward_tracing(SAMPLED).send().await.unwrap();
        assert_eq!(net.line.request().tracing, SAMPLED);
        assert_eq!(answer.tracing(), SAMPLED, "and comes back");
        call.with(|options| options.tracing = Some(SAMPLED)).send().await.unwrap();
        assert_ne!(net.line.request().tracing.trace_id, SAMPLED.trace_id, "only then");
    });
}

#[test]
fn n19_a_forwarded_trace_keeps_its_span_in_every_attempt() {
    block_on(async {
        let net = Net::new();
        let busy = net.server(refuses(ErrorCode::Busy)).await;
        let server = net.server(echoes).await;
        let client = net.ordered(&[&busy, &server]);
        client.call(SERVICE, ENDPOINT).forward_tracing(SAMPLED).send().await.unwrap();
        let seen: Vec<_> = net.line.requests().iter().map(|call| call.tracing).collect();
        assert_eq!(seen, [SAMPLED, SAMPLED]);
    });
}

#[test]
fn n19_without_tracing_of_its_own_the_parents_is_forwarded() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = net.client(&[&server]);
        let call = client.call(SERVICE, ENDPOINT).parent(parent(SAMPLED));
        call.with(|options| options.forward_trace = Some(true)).send().await.unwrap();
        assert_eq!(net.line.request().tracing, SAMPLED);
    });
}

#[test]
fn c22_whether_a_trace_is_recorded_is_decided_before_it_is_sent() {
    block_on(async {
        let net = Net::new();
        let server = net
            .server(|request: Request| async move { Ok(Reply::ok("", request.tracing().flags.to_string())) });
        let server = server.await;
        for (percent, flags) in [(100, 1), (0, 0)] {
            let client = sampling(&net, percent, &[&server]);
            let answer = client.call(SERVICE, ENDPOINT).send().await.unwrap();
            let tracing = net.line.request().tracing;
            assert_eq!((tracing.flags, answer.tracing().flags), (flags, flags));
            assert_eq!(answer.body(), flags.to_string());
            assert_eq!((tracing.parent_id, tracing.span_id), (0, tracing.trace_id));
        }
    });
}

#[test]
fn table_5_attempts_share_a_trace_and_have_ids_and_spans_of_their_own() {
    block_on(async {
        let net = Net::new();
        let busy = net.server(refuses(ErrorCode::Busy)).await;
        let server = net.server(echoes).await;
        let client = net.ordered(&[&busy, &server]);
        for with_parent in [false, true] {
            net.line.forget();
            let call = client.call(SERVICE, ENDPOINT);
            let call = if with_parent { call.parent(parent(SAMPLED)) } else { call };
            call.send().await.unwrap();
            let seen: Vec<_> = net.line.requests().iter().map(|call| call.tracing).collect();
            let [first, second] = seen[..] else { panic!("{seen:?}") };
            assert_ne!(first.span_id, second.span_id);
            assert_eq!((first.trace_id, first.parent_id), (second.trace_id, second.parent_id));
            assert_eq!(first.trace_id == 5 && first.parent_id == 7, with_parent);
        }
    });
}

/// A server that answers with what another one says, by a call that goes on in the request's trace.
async fn asking(net: &Net, other: &Server) -> Server {
    let client = net.client(&[other]);
    net.server(move |request: Request| {
        let call = client.call(SERVICE, ENDPOINT).parent(request.child()).timeout(LONG * 100);
        async move { Ok(Reply::ok("", call.send().await?.body())) }
    })
    .await
}

#[test]
fn g8_a_nested_call_goes_on_in_the_trace_and_the_time_of_its_request() {
    block_on(async {
        let net = Net::new();
        let back = net.server(answers("from the back")).await;
        let front = asking(&net, &back).await;
        let client = sampling(&net, 100, &[&front]);
        let answer = client.call(SERVICE, ENDPOINT).timeout(LONG).send().await.unwrap();
        assert_eq!(answer.body(), "from the back");
        let (outer, inner) = (&net.line.requests_to(front.at)[0], &net.line.requests_to(back.at)[0]);
        assert_eq!(inner.tracing.trace_id, outer.tracing.trace_id);
        assert_eq!(inner.tracing.parent_id, outer.tracing.span_id);
        assert_ne!(inner.tracing.span_id, outer.tracing.span_id);
        assert_eq!(inner.tracing.flags, 1);
        assert!(inner.ttl <= outer.ttl, "{} ms within {} ms", inner.ttl, outer.ttl);
    });
}

#[test]
fn n3_a_request_with_a_parent_goes_on_in_its_trace_and_waits_no_longer() {
    block_on(async {
        let net = Net::new();
        let back = net.server(answers("from the back")).await;
        let moe = net.client(&[&back]).service(SERVICE).unwrap();
        let front = net.server(move |request: Request| {
            let call = moe.request(ENDPOINT).parent(request.child()).timeout(LONG * 100);
            async move { Ok(Reply::ok("", call.send().await?.body())) }
        });
        let front = front.await;
        let client = net.client(&[&front]);
        client.call(SERVICE, ENDPOINT).timeout(LONG).send().await.unwrap();
        let (outer, inner) = (&net.line.requests_to(front.at)[0], &net.line.requests_to(back.at)[0]);
        assert_eq!(inner.tracing.trace_id, outer.tracing.trace_id);
        assert_eq!(inner.tracing.parent_id, outer.tracing.span_id);
        assert!(inner.ttl <= outer.ttl, "{} ms within {} ms", inner.ttl, outer.ttl);
    });
}
