use super::*;

const PARENT: Tracing = Tracing { span_id: 11, parent_id: 22, trace_id: 33, flags: 1 };

fn begin(sample: Ratio, lineage: Lineage) -> Span {
    Span::begin(&mut Rng::new(1), sample, lineage)
}

#[test]
fn no_parent_trace_on() {
    let tracing = begin(Ratio::ONE, Lineage::Root { traced: true }).tracing();
    assert_ne!(tracing.trace_id, 0);
    assert_eq!((tracing.parent_id, tracing.span_id, tracing.flags), (0, tracing.trace_id, 1));
    let tracing = begin(Ratio::ZERO, Lineage::Root { traced: true }).tracing();
    assert_eq!((tracing.span_id, tracing.flags), (tracing.trace_id, 0));
}

#[test]
fn no_parent_trace_off() {
    let span = begin(Ratio::ONE, Lineage::Root { traced: false });
    assert_eq!(span.tracing(), Tracing::ZERO);
    assert!(!span.is_reported());
}

#[test]
fn child() {
    let tracing = begin(Ratio::ZERO, Lineage::Child { of: PARENT, traced: true }).tracing();
    assert_eq!((tracing.trace_id, tracing.parent_id, tracing.flags), (33, 11, 1));
    assert!(![0, 11, 22, 33].contains(&tracing.span_id));
    let unsampled = Tracing { flags: 0, ..PARENT };
    assert_eq!(begin(Ratio::ONE, Lineage::Child { of: unsampled, traced: true }).tracing().flags, 0);
}

#[test]
fn n17_trace_off_with_a_sampled_parent_keeps_the_flags_of_the_parent() {
    let span = begin(Ratio::ZERO, Lineage::Child { of: PARENT, traced: false });
    assert_eq!(span.tracing().flags, 1);
    assert!(span.is_reported());
    let other_bits = Tracing { flags: 0xFE, ..PARENT };
    assert_eq!(begin(Ratio::ZERO, Lineage::Child { of: other_bits, traced: false }).tracing().flags, 0xFE);
}

#[test]
fn child_of_a_call_with_trace_id_0() {
    let of = Tracing { trace_id: 0, ..PARENT };
    let tracing = begin(Ratio::ONE, Lineage::Child { of, traced: true }).tracing();
    assert_ne!(tracing.trace_id, 0);
    assert_eq!((tracing.parent_id, tracing.span_id, tracing.flags), (0, tracing.trace_id, 1));
    assert_eq!(begin(Ratio::ONE, Lineage::Child { of, traced: false }).tracing(), Tracing::ZERO);
}

#[test]
fn n19_forward_trace_and_relay() {
    let span = begin(Ratio::ONE, Lineage::Copy(PARENT));
    assert_eq!(span.tracing(), PARENT);
    assert!(!span.is_reported());
    assert_eq!(begin(Ratio::ONE, Lineage::Copy(Tracing::ZERO)).tracing(), Tracing::ZERO);
}

#[test]
fn response_and_per_call_error() {
    assert_eq!(begin(Ratio::ONE, Lineage::Copy(PARENT)).tracing(), PARENT);
}

#[test]
fn each_attempt_has_a_new_span_of_the_same_trace() {
    let mut rng = Rng::new(9);
    for lineage in [Lineage::Root { traced: true }, Lineage::Child { of: PARENT, traced: true }] {
        let first = Span::begin(&mut rng, Ratio::ONE, lineage);
        let second = first.again(&mut rng);
        assert_ne!(second.tracing().span_id, first.tracing().span_id);
        let same = Tracing { span_id: first.tracing().span_id, ..second.tracing() };
        assert_eq!(same, first.tracing());
    }
}

#[test]
fn another_attempt_of_a_copy_or_of_no_trace_changes_nothing() {
    let mut rng = Rng::new(9);
    for lineage in [Lineage::Copy(PARENT), Lineage::Root { traced: false }] {
        let first = Span::begin(&mut rng, Ratio::ONE, lineage);
        assert_eq!(first.again(&mut rng), first);
    }
}

#[test]
fn about_one_trace_in_a_hundred_is_sampled() {
    let mut rng = Rng::new(2);
    let sampled = (0..100_000)
        .filter(|_| Span::begin(&mut rng, TRACE_SAMPLE, Lineage::Root { traced: true }).is_reported())
        .count();
    assert!((900..1_100).contains(&sampled), "{sampled}");
}
