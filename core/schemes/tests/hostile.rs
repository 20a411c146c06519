//! Messages made to break a decoder: each ends in an error or a value, and the allocator sees how much it takes.
#![allow(unsafe_code, reason = "an allocator is unsafe to implement; this one only counts")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use tchannel_schemes::sthrift::Chunks;
use tchannel_schemes::thrift::{self, DecodeError, Fields, Problem, Reader, Type, Wire, memory_for};
use tchannel_schemes::{http, json};

struct Counting;

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

fn count(more: usize, less: usize) {
    // A thread that ends frees memory after its counters are gone.
    let _ = LIVE.try_with(|live| {
        live.set(live.get().wrapping_add(more).wrapping_sub(less));
        PEAK.try_with(|peak| peak.set(peak.get().max(live.get())))
    });
}

// Passes everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(0, layout.size());
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Old and new memory may be there at once.
        count(size, 0);
        count(0, layout.size());
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What `work` gives, and the most bytes that it took at any time.
fn measured<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = LIVE.get();
    PEAK.set(before);
    let value = work();
    (value, PEAK.get() - before)
}

/// More than any error takes, and far less than what is declared.
const LITTLE: usize = 16 << 10;

fn read<T: Wire>(bytes: &Bytes) -> Result<T, DecodeError> {
    T::read(&mut Reader::new(bytes))
}

/// Refused by the dynamic reader, by a typed one and by skipping, for the same reason and in little memory.
fn refused(kind: Type, bytes: &[u8], reason: impl Fn(&Problem) -> bool) {
    let bytes = Bytes::copy_from_slice(bytes);
    let (skipped, peak) = measured(|| Reader::new(&bytes).skip(kind));
    assert!(reason(skipped.as_ref().expect_err("it is hostile").problem()), "{skipped:?}");
    assert!(peak < LITTLE, "skipping took {peak} bytes");
    let (value, peak) = measured(|| thrift::Value::read(&mut Reader::new(&bytes), kind));
    assert!(reason(value.as_ref().expect_err("it is hostile").problem()), "{value:?}");
    assert!(peak < LITTLE, "reading took {peak} bytes");
}

#[test]
fn containers_that_declare_billions_are_refused_at_once() {
    for item in [2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15] {
        for kind in [Type::List, Type::Set] {
            refused(kind, &[item, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0], |problem| {
                matches!(problem, Problem::TooMany { count: 0x7FFF_FFFF, .. })
            });
            refused(kind, &[item, 0x80, 0, 0, 0], |problem| *problem == Problem::Negative(i32::MIN));
        }
        refused(Type::Map, &[item, item, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0], |problem| {
            matches!(problem, Problem::TooMany { count: 0x7FFF_FFFF, .. })
        });
        refused(Type::Map, &[item, 2, 0xFF, 0xFF, 0xFF, 0xFF], |problem| *problem == Problem::Negative(-1));
    }
    refused(Type::Binary, &[0x7F, 0xFF, 0xFF, 0xFF, 0], |problem| {
        matches!(problem, Problem::Truncated { needed: 0x7FFF_FFFF, .. })
    });
    refused(Type::Binary, &[0xFF, 0xFF, 0xFF, 0xFF, 0], |problem| *problem == Problem::Negative(-1));
}

#[test]
fn a_message_of_eleven_bytes_cannot_ask_for_gigabytes() {
    let bytes = Bytes::from_static(&[0x0F, 0, 1, 0x0A, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0]);
    let (value, peak) = measured(|| thrift::decode::<Fields>(&bytes));
    assert_eq!(
        value.unwrap_err().to_string(),
        "struct.#1 at byte 3: declares 2147483647 items of at least 8 bytes, 3 bytes left"
    );
    assert!(peak < LITTLE, "{peak} bytes");
}

#[test]
fn depth_bombs_end_at_the_limit() {
    for (kind, level) in [
        (Type::Struct, &[12, 0, 1][..]),
        (Type::List, &[15, 0, 0, 0, 1]),
        (Type::Set, &[14, 0, 0, 0, 1]),
        (Type::Map, &[2, 13, 0, 0, 0, 1, 1]),
        (Type::Map, &[13, 2, 0, 0, 0, 1]),
    ] {
        refused(kind, &level.repeat(100_000), |problem| *problem == Problem::TooDeep);
    }
}

/// A struct of the size that generated ones have, all of it optional: one byte on the wire.
#[derive(Debug, Default, serde::Deserialize)]
struct Wide {
    #[allow(dead_code, reason = "it is there for its size")]
    texts: [Option<String>; 32],
}

impl Wire for Wide {
    const TYPE: Type = Type::Struct;

    fn write(&self, _: &mut thrift::Writer) -> Result<(), thrift::EncodeError> {
        unreachable!("it is only read")
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.fields(Reader::skip_field)?;
        Ok(Self::default())
    }
}

fn list(item: u8, count: u32, bytes: &[u8]) -> Bytes {
    [&[item], &count.to_be_bytes()[..], &bytes.repeat(count.try_into().expect("it fits"))].concat().into()
}

#[test]
fn small_items_that_are_large_in_memory_are_bounded() {
    let (few, peak) = measured(|| read::<Vec<Wide>>(&list(12, 10_000, &[0])).map(|items| items.len()));
    assert_eq!(few.unwrap(), 10_000);
    assert!(peak < memory_for(10_005), "{peak} bytes");
    let many = list(12, 1 << 20, &[0]);
    let (refused, peak) = measured(|| read::<Vec<Wide>>(&many));
    assert!(matches!(refused.unwrap_err().problem(), Problem::TooLarge { .. }));
    assert!(peak < LITTLE, "{peak} bytes");
}

/// Reads with several amounts of memory granted; some are enough.
fn takes_what_is_granted<T>(message: &Bytes, read: impl Fn(&mut Reader<'_>) -> Result<T, DecodeError>) {
    let mut enough = 0;
    for granted in (14..26).map(|bits| 1 << bits) {
        let (value, peak) = measured(|| read(&mut Reader::with_memory(message, granted)).map(drop));
        // A list that grows has twice the room of its items, and moves: three times what is counted, at most.
        assert!(peak <= 3 * granted + LITTLE, "{peak} bytes of {granted}");
        enough += usize::from(value.is_ok());
    }
    assert!((1..12).contains(&enough), "{enough} of 12 amounts are enough");
}

#[test]
fn dynamic_values_take_what_is_granted_and_no_more() {
    for (item, bytes) in [
        (2, &[1][..]),
        (12, &[0]),
        (12, &[2, 0, 1, 1, 0]),
        (11, &[0; 4]),
        (15, &[2, 0, 0, 0, 0]),
        (15, &[2, 0, 0, 0, 1, 1]),
        (15, &[2, 0, 0, 0, 5, 1, 1, 1, 1, 1]),
        (13, &[2, 2, 0, 0, 0, 0]),
        (13, &[2, 2, 0, 0, 0, 1, 1, 1]),
    ] {
        let message = list(item, 10_000, bytes);
        takes_what_is_granted(&message, |from| thrift::Value::read(from, Type::List));
    }
    let fields = Bytes::from([&[2, 0, 1, 1].repeat(10_000)[..], &[0]].concat());
    takes_what_is_granted(&fields, Fields::read);
}

#[test]
fn trees_are_counted_with_the_room_in_their_nodes() {
    let maps = list(13, 10_000, &[2, 2, 0, 0, 0, 1, 1, 1]);
    takes_what_is_granted(&maps, Vec::<BTreeMap<bool, bool>>::read);
    let sets = list(14, 10_000, &[3, 0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7]);
    takes_what_is_granted(&sets, Vec::<BTreeSet<i8>>::read);
    let numbers: Vec<u8> = (0..10_000_i16).flat_map(i16::to_be_bytes).collect();
    let map = Bytes::from([&[6, 0, 0, 0x27, 0x10][..], &numbers].concat());
    takes_what_is_granted(&map, BTreeSet::<i16>::read);
}

#[test]
fn counts_of_headers_that_are_not_there_take_no_memory() {
    let (refused, peak) = measured(|| thrift::Headers::decode(&[0xFF, 0xFF, 0, 0]).is_err());
    assert!(refused && peak < LITTLE, "{peak} bytes");
    let arg2 = Bytes::from_static(&[0, 0, 0xFF, 0xFF, 0, 0]);
    let (refused, peak) = measured(|| http::Request::decode(&arg2).is_err());
    assert!(refused && peak < LITTLE, "{peak} bytes");
    let arg2 = Bytes::from_static(&[0, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]);
    let (refused, peak) = measured(|| http::Request::decode(&arg2).is_err());
    assert!(refused && peak < LITTLE, "{peak} bytes");
}

#[test]
fn a_chunk_takes_what_has_arrived_of_it() {
    let ((), peak) = measured(|| {
        let mut chunks = Chunks::new();
        for mut part in [Bytes::from_static(&[1, 0, 0]), Bytes::from_static(&[0, 7, 7])] {
            assert_eq!(chunks.take(&mut part), Ok(None));
        }
    });
    assert!(peak < LITTLE, "{peak} bytes");
}

#[test]
fn json_bombs_end_at_the_limit_or_take_memory_in_proportion() {
    for open in ["[", "{\"a\":", "[{\"\":"] {
        let bomb = open.repeat(1 << 18);
        let (refused, peak) = measured(|| json::decode::<json::Value>(bomb.as_bytes()).is_err());
        assert!(refused && peak < LITTLE, "{open}: {peak} bytes");
        assert!(json::Headers::decode(bomb.as_bytes()).is_err());
    }
    for (item, size) in [
        ("0,", 1 << 16),
        ("[],", 1 << 16),
        ("{},", 1 << 16),
        ("\"\",", 1 << 16),
        ("{\"\":0},", 1 << 16),
        ("{\"a\":0,\"b\":0},", 1 << 16),
        ("[0],", 8 << 20),
    ] {
        let body = array(item, size);
        let (_, peak) = measured(|| json::decode::<json::Value>(body.as_bytes()).is_ok());
        // A list that grows has twice the room of its items, and moves.
        assert!(peak < 3 * ((64 << 20) + 16 * body.len()), "{item}: {peak} of {} bytes", body.len());
        assert!(size > 1 << 16 || peak < 100 * body.len(), "{item}: {peak} of {} bytes", body.len());
    }
}

#[test]
fn json_items_that_are_large_in_memory_are_bounded() {
    type Large = Vec<[Vec<u8>; 2]>;
    let few = array("[[],[]],", 1 << 16);
    assert_eq!(json::decode::<Large>(few.as_bytes()).map(|items| items.len()), Ok((1 << 16) / 8));
    let many = array("null,", 8 << 20);
    let (refused, peak) = measured(|| json::decode::<Vec<Option<[Wide; 1]>>>(many.as_bytes()).is_err());
    assert!(refused && peak < 3 * ((64 << 20) + 16 * many.len()), "{peak}");
}

fn array(item: &str, size: usize) -> String {
    let mut body = format!("[{}", item.repeat(size / item.len()));
    body.replace_range(body.len() - 1.., "]");
    body
}
