use super::*;

const CONNECTIONS: [(u32, Side); 4] = [(1, Side::Out), (2, Side::In), (3, Side::In), (4, Side::Out)];

fn best(direction: Direction, connections: &[(u32, Side)]) -> Option<u32> {
    best_connection(direction, connections.iter().copied())
}

#[test]
fn newest_of_the_preferred_direction_is_used() {
    assert_eq!(best(Direction::Any, &CONNECTIONS), Some(4));
    assert_eq!(best(Direction::In, &CONNECTIONS), Some(3));
    assert_eq!(best(Direction::Out, &CONNECTIONS), Some(4));
}

#[test]
fn newest_of_the_other_direction_is_used_when_there_is_no_preferred_one() {
    assert_eq!(best(Direction::In, &[(1, Side::Out), (2, Side::Out)]), Some(2));
    assert_eq!(best(Direction::Out, &[(1, Side::In)]), Some(1));
    assert_eq!(best(Direction::Any, &[]), None);
}
