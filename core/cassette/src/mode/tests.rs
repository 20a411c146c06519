use alloc::string::ToString;

use super::RecordMode::{self, All, NewEpisodes, Once};

#[test]
fn names_are_read_in_any_case() {
    for mode in RecordMode::ALL_MODES {
        assert_eq!(mode.to_string().parse(), Ok(mode));
        assert_eq!(mode.as_str().to_uppercase().parse(), Ok(mode));
    }
    assert_eq!(["Once", "New_Episodes", "aLL"].map(str::parse), [Ok(Once), Ok(NewEpisodes), Ok(All)]);
}

#[test]
fn an_unknown_name_is_told_the_known_ones() {
    let error = "new-episodes".parse::<RecordMode>().expect_err("no such mode");
    assert_eq!(
        error.to_string(),
        r#""new-episodes" is no record mode; choose once, new_episodes, none or all"#
    );
    assert!("".parse::<RecordMode>().is_err());
}
