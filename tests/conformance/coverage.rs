//! Which rows of the reaction table, which sections and which limits have a case.

use std::collections::BTreeSet;

use tchannel_proto::Config;

use super::{sections, table, wire};

/// The rows of section 13, by table.
const ROWS: &[std::ops::RangeInclusive<u32>] = &[1..=8, 10..=26, 30..=67, 70..=84, 90..=106];

/// Rows that one connection cannot react to: it does not know which services and endpoints there are. The channel
/// looks them up, and rejects the call with the text that the row asks for.
const BEYOND_A_CONNECTION: &[u32] = &[44, 45];

#[test]
fn every_row_of_the_reaction_table_has_a_case() {
    let covered: BTreeSet<u32> = table::NAMES
        .iter()
        .flat_map(|names| names.iter())
        .map(|name| {
            let number = name.strip_prefix('r').and_then(|rest| rest.split('_').next());
            number
                .and_then(|number| number.parse().ok())
                .unwrap_or_else(|| panic!("{name} begins with no row"))
        })
        .collect();
    let table: BTreeSet<u32> = ROWS.iter().flat_map(Clone::clone).collect();
    assert_eq!(table.len(), 95);
    let expected: BTreeSet<u32> =
        table.iter().copied().filter(|row| !BEYOND_A_CONNECTION.contains(row)).collect();
    assert_eq!(covered, expected);
}

#[test]
fn every_field_of_the_configuration_has_a_case_that_shows_it_reaches_the_core() {
    let printed = format!("{:#?}", Config::default());
    let fields = printed.lines().filter_map(|line| {
        let field = line.strip_prefix("    ")?.split_once(':')?.0;
        (!field.starts_with(' ')).then_some(field)
    });
    let cases: Vec<&str> =
        sections::NAMES.iter().chain(wire::NAMES).flat_map(|names| names.iter().copied()).collect();
    for field in fields {
        let prefix = format!("s8_{field}_");
        assert!(cases.iter().any(|name| name.starts_with(&prefix)), "no case is named {prefix}…");
    }
}
