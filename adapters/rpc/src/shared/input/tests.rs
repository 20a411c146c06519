use std::sync::Arc;

use super::{CHUNK, Input, LEAST, PATIENCE};
use crate::shared::clock::Clock;
use crate::shared::pool::Pool;
use crate::shared::timers::Timers;

fn input() -> Input {
    Input::new(&Arc::new(Pool::new(Clock::new(), Arc::<Timers>::default())))
}

/// Reads as many bytes as fit, and takes them out.
fn read_full(input: &mut Input) -> usize {
    let space = input.space();
    let count = space.capacity() - space.len();
    space.extend_from_slice(&vec![0; count]);
    input.adapt(count);
    input.bytes().clear();
    count
}

#[test]
fn an_idle_connection_holds_nothing() {
    let mut input = input();
    assert_eq!(input.bytes().capacity(), 0);
    read_full(&mut input);
    input.release();
    assert_eq!(input.bytes().capacity(), 0);
}

#[test]
fn bytes_that_wait_for_more_are_kept() {
    let mut input = input();
    input.space().extend_from_slice(b"half a frame");
    input.release();
    assert_eq!(&input.bytes()[..], b"half a frame");
    input.want(100_000);
    assert!(input.space().capacity() >= 100_012);
    assert_eq!(&input.bytes()[..], b"half a frame");
}

#[test]
fn the_beginning_of_a_frame_holds_no_large_buffer() {
    let mut input = input();
    for _ in 0..4 {
        read_full(&mut input);
        input.release();
    }
    for len in [1, LEAST - 1] {
        let space = input.space();
        assert!(space.capacity() >= CHUNK);
        space.extend_from_slice(&vec![5; 100_000 + len]);
        drop(input.bytes().split_to(100_000));
        input.release();
        assert_eq!(input.bytes().capacity(), len);
        assert_eq!(&input.bytes()[..], vec![5; len]);
        input.bytes().clear();
    }
    input.space().extend_from_slice(&[6; LEAST]);
    input.release();
    assert!(input.bytes().capacity() >= CHUNK, "copying much costs more than keeping it");
}

#[test]
fn full_reads_get_more_room_and_small_ones_less() {
    let mut input = input();
    assert!((LEAST..CHUNK).contains(&read_full(&mut input)));
    for _ in 0..3 {
        read_full(&mut input);
        input.release();
    }
    assert!(input.space().capacity() >= CHUNK);
    for _ in 0..3 * usize::from(PATIENCE) {
        input.adapt(1);
    }
    input.release();
    assert!(input.space().capacity() < CHUNK);
}

#[test]
fn the_rest_of_a_frame_goes_where_its_beginning_is() {
    let mut input = input();
    input.space().extend_from_slice(&[0; 3_000]);
    let place = input.bytes().as_ptr();
    input.want(500);
    assert_eq!(input.space().as_ptr(), place);
}

#[test]
fn a_smaller_buffer_after_a_chunk_keeps_the_bytes() {
    let mut input = input();
    for _ in 0..4 {
        read_full(&mut input);
        input.release();
    }
    let space = input.space();
    let count = space.capacity() - 3;
    space.extend_from_slice(&vec![7; count]);
    let frame = input.bytes().split_to(count - 5).freeze();
    for _ in 0..usize::from(PATIENCE) {
        input.adapt(1);
    }
    input.want(1_000);
    assert!(input.space().capacity() >= 1_005);
    assert_eq!(&input.bytes()[..], [7; 5]);
    drop(frame);
}
