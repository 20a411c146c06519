//! What YAML 1.1, which tchannel-python speaks, takes a text without quotes for.

/// Whether such a text is a text, and not a number, a date or another kind of scalar.
pub(crate) fn is_text(scalar: &str) -> bool {
    !(is_null(scalar)
        || is_word(scalar)
        || is_integer(scalar)
        || is_float(scalar)
        || is_sexagesimal(scalar)
        || is_date(scalar)
        || is_time(scalar))
}

/// Whether it stands for nothing.
pub(crate) fn is_null(scalar: &str) -> bool {
    matches!(scalar, "" | "~" | "null" | "Null" | "NULL")
}

/// Booleans, the key that merges maps, and the key of a default value.
#[rustfmt::skip]
fn is_word(scalar: &str) -> bool {
    matches!(
        scalar,
        "yes" | "Yes" | "YES" | "no" | "No" | "NO" | "true" | "True" | "TRUE" | "false" | "False" | "FALSE"
            | "on" | "On" | "ON" | "off" | "Off" | "OFF" | "<<" | "="
    )
}

fn is_integer(scalar: &str) -> bool {
    let digits = unsigned(scalar);
    let all = |digits: &str, of: fn(u8) -> bool| !digits.is_empty() && digits.bytes().all(of);
    if digits == "0" {
        return true;
    }
    if let Some(digits) = digits.strip_prefix("0b") {
        return all(digits, |byte| matches!(byte, b'0' | b'1' | b'_'));
    }
    if let Some(digits) = digits.strip_prefix("0x") {
        return all(digits, |byte| byte.is_ascii_hexdigit() || byte == b'_');
    }
    match digits.strip_prefix('0') {
        Some(digits) => all(digits, |byte| matches!(byte, b'0'..=b'7' | b'_')),
        None => starts_with_digit(digits) && digits.bytes().all(is_digit_or_line),
    }
}

fn is_float(scalar: &str) -> bool {
    let number = unsigned(scalar);
    if matches!(number, ".inf" | ".Inf" | ".INF") || matches!(scalar, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let Some((whole, rest)) = number.split_once('.') else { return false };
    let (part, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let exponent_is_sound = exponent.is_none_or(|exponent| {
        exponent
            .strip_prefix(['+', '-'])
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
    });
    let part_is_sound = part.bytes().all(is_digit_or_line);
    let whole_is_sound = if whole.is_empty() {
        number.len() == scalar.len() && starts_with_digit(part)
    } else {
        starts_with_digit(whole) && whole.bytes().all(is_digit_or_line)
    };
    exponent_is_sound && part_is_sound && whole_is_sound
}

/// Numbers to the base of 60, as `12:30` or `1:30.5`: clock times and most ports behind a number.
fn is_sexagesimal(scalar: &str) -> bool {
    let number = unsigned(scalar);
    let (whole, part) = match number.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (number, None),
    };
    let mut groups = whole.split(':');
    let first = groups.next().unwrap_or_default();
    let first_is_sound = starts_with_digit(first)
        && first.bytes().all(is_digit_or_line)
        && (part.is_some() || !first.starts_with('0'));
    let is_sixtieth = |group: &str| match group.as_bytes() {
        [ones] => ones.is_ascii_digit(),
        [tens, ones] => matches!(tens, b'0'..=b'5') && ones.is_ascii_digit(),
        _ => false,
    };
    whole.contains(':')
        && first_is_sound
        && groups.all(is_sixtieth)
        && part.is_none_or(|part| part.bytes().all(is_digit_or_line))
}

/// `2015-08-04`.
fn is_date(scalar: &str) -> bool {
    let mut shape = Shape(scalar);
    shape.digits(4, 4)
        && shape.is('-')
        && shape.digits(2, 2)
        && shape.is('-')
        && shape.digits(2, 2)
        && shape.ends()
}

/// `2015-8-4 1:02:03.5 +2:00` and the like.
fn is_time(scalar: &str) -> bool {
    let mut shape = Shape(scalar);
    let date = shape.digits(4, 4)
        && shape.is('-')
        && shape.digits(1, 2)
        && shape.is('-')
        && shape.digits(1, 2)
        && (shape.is('T') || shape.is('t') || shape.blanks() > 0);
    let time = date
        && shape.digits(1, 2)
        && shape.is(':')
        && shape.digits(2, 2)
        && shape.is(':')
        && shape.digits(2, 2);
    if !time {
        return false;
    }
    if shape.is('.') {
        shape.digits(0, usize::MAX);
    }
    if shape.ends() {
        return true;
    }
    shape.blanks();
    if shape.is('Z') {
        return shape.ends();
    }
    (shape.is('+') || shape.is('-'))
        && shape.digits(1, 2)
        && (shape.ends() || (shape.is(':') && shape.digits(2, 2) && shape.ends()))
}

/// What is left of a text that is being compared with a form.
struct Shape<'a>(&'a str);

impl Shape<'_> {
    fn is(&mut self, wanted: char) -> bool {
        let rest = self.0.strip_prefix(wanted);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn digits(&mut self, least: usize, most: usize) -> bool {
        let count = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        self.0 = &self.0[count..];
        count >= least
    }

    fn blanks(&mut self) -> usize {
        let rest = self.0.trim_start_matches([' ', '\t']);
        let count = self.0.len() - rest.len();
        self.0 = rest;
        count
    }

    fn ends(&self) -> bool {
        self.0.is_empty()
    }
}

fn unsigned(scalar: &str) -> &str {
    scalar.strip_prefix(['+', '-']).unwrap_or(scalar)
}

fn starts_with_digit(text: &str) -> bool {
    text.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
}

fn is_digit_or_line(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'_'
}

#[cfg(test)]
mod tests;
