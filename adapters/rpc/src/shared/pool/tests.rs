use std::sync::Arc;
use std::time::Duration;

use super::{CHUNK, MOST, Pool};
use crate::shared::clock::Clock;
use crate::shared::timers::Timers;

fn pool() -> Arc<Pool> {
    Arc::new(Pool::new(Clock::new(), Arc::<Timers>::default()))
}

#[test]
fn a_chunk_is_used_again_once_its_slices_are_gone() {
    let pool = pool();
    let mut chunk = pool.take();
    let place = chunk.as_ptr();
    chunk.extend_from_slice(&[1; 150]);
    let slice = chunk.split_to(100).freeze();
    pool.give(chunk);
    assert_ne!(pool.take().as_ptr(), place, "a slice is in use");
    drop(slice);
    let again = pool.take();
    assert_eq!(again.as_ptr(), place);
    assert!(again.is_empty() && again.capacity() >= CHUNK);
}

#[test]
fn what_is_not_used_goes_back() {
    let pool = pool();
    pool.give(pool.take());
    let now = pool.clock.now();
    pool.sweep(now);
    assert_eq!(super::lock(&pool.spent).chunks.len(), 1);
    pool.sweep(now + Duration::from_secs(2));
    assert_eq!(super::lock(&pool.spent).chunks.len(), 0);
}

#[test]
fn the_pool_has_an_end() {
    let pool = pool();
    let chunks: Vec<_> = (0..2 * MOST).map(|_| pool.take()).collect();
    for chunk in chunks {
        pool.give(chunk);
    }
    assert_eq!(super::lock(&pool.spent).chunks.len(), MOST);
}
