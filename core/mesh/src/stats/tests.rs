use super::*;

const LABELS: LabelKey = LabelKey::NONE;
const CODE: ErrorCode = ErrorCode::Busy;
const TIME: Duration = Duration::from_millis(5);

#[track_caller]
fn assert_stat(stat: &Stat, name: &str, value: Value) {
    assert_eq!((stat.name(), stat.value()), (name, value));
}

fn outbound(what: Outbound) -> Stat {
    Stat::Outbound { labels: LABELS, what }
}

fn inbound(what: Inbound) -> Stat {
    Stat::Inbound { labels: LABELS, what }
}

fn attempt(what: PerAttempt) -> Stat {
    Stat::Attempt { labels: LABELS, peer: "1.2.3.4:5".parse().expect("a peer"), retry_count: 0, what }
}

#[test]
fn counters_of_calls_of_ours() {
    for (what, name) in [
        (Outbound::Sent, "outbound.calls.sent"),
        (Outbound::Success, "outbound.calls.success"),
        (Outbound::AppError, "outbound.calls.app-errors"),
        (Outbound::SystemError(CODE), "outbound.calls.system-errors"),
        (Outbound::OperationalError(CODE), "outbound.calls.operational-errors"),
        (Outbound::Retry { retry_count: 1 }, "outbound.calls.retries"),
        (Outbound::RetryRejected, "retries-rejected-by-max-retry-ratio"),
    ] {
        assert_stat(&outbound(what), name, Value::Count(1));
    }
    for (what, name) in [
        (PerAttempt::AppError, "outbound.calls.per-attempt.app-errors"),
        (PerAttempt::SystemError(CODE), "outbound.calls.per-attempt.system-errors"),
        (PerAttempt::OperationalError(CODE), "outbound.calls.per-attempt.operational-errors"),
    ] {
        assert_stat(&attempt(what), name, Value::Count(1));
    }
    assert_stat(&outbound(Outbound::RequestSize(7)), "outbound.request.size", Value::Count(7));
    assert_stat(&outbound(Outbound::ResponseSize(7)), "outbound.response.size", Value::Count(7));
}

#[test]
fn counters_of_calls_of_the_peer() {
    for (what, name) in [
        (Inbound::Received, "inbound.calls.recvd"),
        (Inbound::Success, "inbound.calls.success"),
        (Inbound::AppError, "inbound.calls.app-errors"),
        (Inbound::SystemError(CODE), "inbound.calls.system-errors"),
        (Inbound::CancelRequested, "inbound.cancels.requested"),
        (Inbound::CancelHonored, "inbound.cancels.honored"),
        (Inbound::ProtocolError, "inbound.protocol-errors"),
    ] {
        assert_stat(&inbound(what), name, Value::Count(1));
    }
    assert_stat(&inbound(Inbound::RequestSize(7)), "inbound.request.size", Value::Count(7));
    assert_stat(&inbound(Inbound::ResponseSize(7)), "inbound.response.size", Value::Count(7));
}

#[test]
fn counters_of_connections_and_of_the_rate_limiter() {
    for (what, name) in [
        (Connection::Initiated, "connections.initiated"),
        (Connection::ConnectError, "connections.connect-errors"),
        (Connection::Accepted, "connections.accepted"),
        (Connection::AcceptError, "connections.accept-errors"),
        (Connection::Error(ConnectionError::NetworkError), "connections.errors"),
        (Connection::Closed(Closed::IdleTimeout), "connections.closed"),
    ] {
        assert_stat(&Stat::Connection(what), name, Value::Count(1));
    }
    let bytes = |what| Stat::Connection(what);
    assert_stat(&bytes(Connection::BytesSent(9)), "connections.bytes-sent", Value::Count(9));
    assert_stat(&bytes(Connection::BytesReceived(9)), "connections.bytes-recvd", Value::Count(9));
    let busy = Stat::RateLimit(RateLimit::ServiceBusy(LABELS));
    assert_stat(&busy, "rate-limiting.service-busy", Value::Count(1));
    assert_stat(&Stat::RateLimit(RateLimit::TotalBusy), "rate-limiting.total-busy", Value::Count(1));
}

#[test]
fn gauges() {
    assert_stat(&Stat::Connection(Connection::Active(3)), "connections.active", Value::Gauge(3));
    for (what, name) in [
        (RateLimit::ServiceRps(LABELS, 4), "rate-limiting.service-rps"),
        (RateLimit::ServiceRpsLimit(LABELS, 4), "rate-limiting.service-rps-limit"),
        (RateLimit::TotalRps(4), "rate-limiting.total-rps"),
        (RateLimit::TotalRpsLimit(4), "rate-limiting.total-rps-limit"),
    ] {
        assert_stat(&Stat::RateLimit(what), name, Value::Gauge(4));
    }
}

#[test]
fn timers() {
    assert_stat(&outbound(Outbound::Latency(TIME)), "outbound.calls.latency", Value::Timer(TIME));
    assert_stat(&inbound(Inbound::Latency(TIME)), "inbound.calls.latency", Value::Timer(TIME));
    let per_attempt = attempt(PerAttempt::Latency(TIME));
    assert_stat(&per_attempt, "outbound.calls.per-attempt.latency", Value::Timer(TIME));
}
