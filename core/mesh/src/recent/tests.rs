use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

fn most(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).expect("not 0")
}

fn names(table: &Recent<u32>) -> Vec<&[u8]> {
    table.iter().map(|(name, _)| name).collect()
}

#[test]
fn entry_not_used_for_longest_goes() {
    let mut table = Recent::new(most(2));
    let (a, _) = table.use_or_insert(b"a", || 1);
    let (b, _) = table.use_or_insert(b"b", || 2);
    assert_eq!(table.use_or_insert(b"a", || 9), (a, &mut 1));
    let (c, _) = table.use_or_insert(b"c", || 3);
    assert_eq!(names(&table), [b"a", b"c"]);
    assert_eq!([a, b].map(|id| table.get_mut(id).copied()), [Some(1), None]);
    assert_eq!(table.get_mut(c), Some(&mut 3));
}

#[test]
fn entry_of_the_same_name_that_was_made_again_is_another() {
    let mut table = Recent::new(most(1));
    let (old, _) = table.use_or_insert(b"a", || 1);
    table.use_or_insert(b"b", || 2);
    let (new, _) = table.use_or_insert(b"a", || 3);
    assert_eq!([old, new].map(|id| table.get_mut(id).copied()), [None, Some(3)]);
}

#[test]
fn looking_is_no_use() {
    let mut table = Recent::new(most(2));
    let (a, _) = table.use_or_insert(b"a", || 1);
    table.use_or_insert(b"b", || 2);
    *table.get_mut(a).expect("there") += 10;
    assert_eq!(table.iter_mut().map(|(_, value)| *value).sum::<u32>(), 13);
    table.use_or_insert(b"c", || 3);
    assert_eq!(names(&table), [b"b", b"c"]);
}

proptest! {
    #[test]
    fn table_holds_the_names_used_last(size in 1_usize..5, used in prop::collection::vec(0_u8..8, 0..60)) {
        let mut table = Recent::new(most(size));
        let mut model: Vec<(u8, u32)> = Vec::new();
        for (turn, name) in (0..).zip(used) {
            let known = model.iter().position(|(known, _)| *known == name);
            let entry = known.map_or((name, turn), |at| model.remove(at));
            model.push(entry);
            if model.len() > size {
                model.remove(0);
            }
            let (id, value) = table.use_or_insert(&[name], || turn);
            prop_assert_eq!(*value, entry.1);
            prop_assert_eq!(table.get_mut(id).copied(), Some(entry.1));
            let mut sorted = model.clone();
            sorted.sort_unstable();
            let held: Vec<_> = table.iter().map(|(name, value)| (name[0], *value)).collect();
            prop_assert_eq!(held, sorted);
            prop_assert_eq!((table.slots.len(), table.by_use.len()), (model.len(), model.len()));
        }
    }
}
