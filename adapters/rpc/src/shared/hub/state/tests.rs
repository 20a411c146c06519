//! What strangers set off is told now and then.

use tchannel_proto::Timestamp;

use super::Seldom;

#[test]
fn what_happens_often_is_told_once_a_second_with_its_number() {
    let mut seldom = Seldom::default();
    let told: Vec<_> = (0..2_500)
        .filter_map(|moment| Some((moment, seldom.next(Timestamp::from_millis(moment))?)))
        .collect();
    assert_eq!(told, [(0, 0), (1_000, 999), (2_000, 999)]);
}
