//! The few thrift structs of the echo service, byte by byte.

/// A result without a value.
pub(super) const VOID: &[u8] = &[0];

/// `{0: {1: true}}`.
pub(super) const HEALTHY: &[u8] = &[12, 0, 0, 2, 0, 1, 1, 0, 0];

const STRING: u8 = 11;
const STRUCT: u8 = 12;

/// Reads a struct of strings with the ids 1 to `count`, at most 2, each exactly once and nothing else.
pub(super) fn two_strings(mut bytes: &[u8], count: u16) -> Option<[Vec<u8>; 2]> {
    let mut found = [None, None];
    while let Some((&kind, rest)) = bytes.split_first() {
        if kind == 0 {
            let [first, second] = found;
            let second = if count == 2 { second } else { Some(second.unwrap_or_default()) };
            return rest.is_empty().then_some([first?, second?]);
        }
        let (id, rest) = rest.split_first_chunk()?;
        let (len, rest) = rest.split_first_chunk()?;
        let len = usize::try_from(i32::from_be_bytes(*len)).ok()?;
        let (text, rest) = rest.split_at_checked(len)?;
        let id = u16::from_be_bytes(*id);
        if kind != STRING || !(1..=count).contains(&id) {
            return None;
        }
        found.get_mut(usize::from(id) - 1)?.replace(text.to_vec()).map_or(Some(()), |_| None)?;
        bytes = rest;
    }
    None
}

/// A result: `{0: text}`.
pub(super) fn string_result(text: &[u8]) -> Vec<u8> {
    let mut bytes = string_field(0, text);
    bytes.push(0);
    bytes
}

/// The first exception of a method, with one string: `{1: {1: text}}`.
pub(super) fn string_exception(text: &[u8]) -> Vec<u8> {
    let mut bytes = vec![STRUCT, 0, 1];
    bytes.extend(string_field(1, text));
    bytes.extend([0, 0]);
    bytes
}

fn string_field(id: u8, text: &[u8]) -> Vec<u8> {
    let mut bytes = vec![STRING, 0, id];
    bytes.extend(u32::try_from(text.len()).unwrap_or_default().to_be_bytes());
    bytes.extend(text);
    bytes
}

#[cfg(test)]
mod tests;
