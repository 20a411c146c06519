use super::*;

#[test]
fn defaults_of_the_document_style() {
    let style = Style::Document;
    assert_eq!((style.timeout(), style.max_attempts().get()), (Duration::from_millis(100), 5));
    assert!(style.requires_parent());
}

#[test]
fn defaults_of_the_python_style() {
    let style = Style::Python;
    assert_eq!((style.timeout(), style.max_attempts().get()), (Duration::from_secs(30), 5));
    assert!(!style.requires_parent());
}

#[test]
fn p4_retry_limit_n_is_n_plus_1_attempts() {
    let attempts = |retries| CallOptions::new().retry_limit(retries).max_attempts.map(NonZeroU32::get);
    assert_eq!((attempts(0), attempts(2), attempts(u32::MAX)), (Some(1), Some(3), Some(u32::MAX)));
}

#[test]
fn setting_is_made_from_a_value() {
    let mut options = CallOptions::new();
    options.shard_key = Text::from("7").into();
    assert_eq!(options.shard_key, Setting::Is("7".into()));
    assert_eq!(options.routing_key, Setting::Inherit);
}
