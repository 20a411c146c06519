use super::*;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn shape(latency: u64, nanos_per_byte: u64, segment: usize, window: usize) -> Shape {
    Shape { latency: Duration::from_millis(latency), nanos_per_byte, segment, window }
}

#[test]
fn bytes_arrive_after_the_latency_in_order() {
    let mut pipe = Pipe::new(shape(10, 0, 2, 100));
    assert_eq!(pipe.push(at(0), &mut &b"abc"[..]), 3);
    assert_eq!(pipe.pull(at(9), 9), None);
    assert_eq!(pipe.next_arrival(), Some(at(10)));
    assert_eq!(pipe.pull(at(10), 9).as_deref(), Some(&b"ab"[..]));
    assert_eq!(pipe.pull(at(10), 9).as_deref(), Some(&b"c"[..]));
}

#[test]
fn a_rate_spreads_segments_out() {
    let mut pipe = Pipe::new(shape(0, 1_000_000, 1, 100));
    pipe.push(at(5), &mut &b"ab"[..]);
    assert_eq!(pipe.next_arrival(), Some(at(6)));
    assert_eq!(pipe.pull(at(6), 9).as_deref(), Some(&b"a"[..]));
    assert_eq!(pipe.next_arrival(), Some(at(7)));
}

#[test]
fn the_window_counts_what_is_not_read_yet() {
    let mut pipe = Pipe::new(shape(0, 0, 9, 4));
    let mut bytes = &b"abcdef"[..];
    assert_eq!(pipe.push(at(0), &mut bytes), 4);
    assert_eq!(pipe.push(at(0), &mut bytes), 0);
    assert_eq!(pipe.pull(at(0), 3).map(|part| part.len()), Some(3));
    pipe.withheld = 2;
    assert_eq!(pipe.push(at(0), &mut bytes), 1);
    pipe.withheld = 0;
    assert_eq!(pipe.push(at(0), &mut bytes), 1);
}

#[test]
fn a_stall_holds_back_what_has_not_arrived() {
    let mut pipe = Pipe::new(shape(10, 0, 1, 100));
    pipe.push(at(0), &mut &b"a"[..]);
    pipe.push(at(5), &mut &b"b"[..]);
    pipe.stall(at(10), at(50));
    pipe.push(at(10), &mut &b"c"[..]);
    assert!(pipe.pull(at(10), 9).is_some());
    assert_eq!(pipe.pull(at(49), 9), None);
    assert_eq!(pipe.next_arrival(), Some(at(50)));
    assert!(pipe.pull(at(50), 9).is_some() && pipe.pull(at(50), 9).is_some());
}

#[test]
fn a_finished_pipe_delivers_and_a_cut_one_does_not() {
    let mut finished = Pipe::new(Shape::PLAIN);
    finished.push(at(0), &mut &b"a"[..]);
    finished.finish();
    assert!(!finished.is_at_end());
    assert!(finished.pull(at(0), 9).is_some());
    assert!(finished.is_at_end());

    let mut cut = Pipe::new(Shape::PLAIN);
    cut.push(at(0), &mut &b"a"[..]);
    cut.cut();
    assert!(cut.is_at_end());
    let mut late = &b"b"[..];
    assert_eq!(cut.push(at(0), &mut late), 1);
}
