use super::*;

const TERM: Duration = Duration::from_millis(1);

fn at(place: Place) -> u32 {
    match place {
        Place::Call(at) => at,
        Place::Nothing | Place::Tombstone | Place::Ping => panic!("not a call: {place:?}"),
    }
}

#[test]
fn ids_count_up_from_the_first() {
    let mut table = OutgoingTable::new(2);
    let ids: Vec<u32> = (0..100).map(|_| table.insert().1.id).collect();
    assert_eq!(ids, (2..102).collect::<Vec<u32>>());
    for id in ids {
        assert_eq!(table.slab.get(at(table.place(id))).id, id);
    }
}

#[test]
fn id_after_the_last_is_1_and_live_ids_are_skipped() {
    let mut table = OutgoingTable::new(LAST_ID - 1);
    let ids: Vec<u32> = (0..4).map(|_| table.insert().1.id).collect();
    assert_eq!(ids, [LAST_ID - 1, LAST_ID, 1, 2]);
    table.next = LAST_ID - 1;
    let again = table.insert().1.id;
    assert!(!ids.contains(&again), "{again} is taken");
}

#[test]
fn tombstone_keeps_its_id_until_its_time() {
    let mut table = OutgoingTable::new(1);
    let (place, call) = table.insert();
    let id = call.id;
    table.remove(place, Some(Timestamp::from_millis(5)), 10);
    table.forget_old(Timestamp::from_millis(4), TERM);
    assert_eq!(table.place(id), Place::Tombstone);
    table.forget_old(Timestamp::from_millis(5), TERM);
    assert_eq!(table.place(id), Place::Nothing);
    assert_eq!(table.len(), 0);
}

#[test]
fn tombstone_whose_frames_still_come_stays_for_another_term() {
    let mut table = OutgoingTable::new(1);
    let (place, call) = table.insert();
    let id = call.id;
    table.remove(place, Some(Timestamp::from_millis(5)), 10);
    table.renew(id);
    table.forget_old(Timestamp::from_millis(6), TERM);
    assert_eq!(table.place(id), Place::Tombstone);
    table.forget_old(Timestamp::from_millis(7), TERM);
    assert_eq!((table.place(id), table.tombstones()), (Place::Nothing, 0));
}

#[test]
fn oldest_tombstone_goes_past_the_limit() {
    let mut table = OutgoingTable::new(1);
    for _ in 0..3 {
        let (place, _) = table.insert();
        table.remove(place, Some(Timestamp::MAX), 2);
    }
    assert_eq!(table.place(1), Place::Nothing);
    assert_eq!((table.place(2), table.place(3)), (Place::Tombstone, Place::Tombstone));
}

#[test]
fn ping_id_is_not_a_call() {
    let mut table = OutgoingTable::new(1);
    let id = table.take_ping_id();
    assert_eq!(table.place(id), Place::Ping);
    table.free_ping_id(id);
    assert_eq!(table.place(id), Place::Nothing);
}
