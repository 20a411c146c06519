use super::*;

#[test]
fn number_is_used_again_and_the_old_name_is_not() {
    let mut slots = Slots::default();
    let one = slots.insert('a');
    assert_eq!(slots.remove(one), Some('a'));
    let other = slots.insert('b');
    assert_eq!(one.number(), other.number());
    assert_eq!(slots.get(one), None);
    assert_eq!(slots.get_mut(one), None);
    assert_eq!(slots.remove(one), None);
    assert_eq!(slots.get(other), Some(&'b'));
}

#[test]
fn entries_come_in_the_order_of_their_numbers() {
    let mut slots = Slots::default();
    let places: alloc::vec::Vec<_> = "abc".chars().map(|value| slots.insert(value)).collect();
    slots.remove(places[1]);
    assert!(slots.iter().map(|(_, value)| *value).eq("ac".chars()));
    assert_eq!((slots.len(), slots.is_empty()), (2, false));
}
