//! Hexadecimal digits to bytes.

use crate::exit::Failure;

/// Text that comes in pieces.
#[derive(Default)]
pub(super) struct Digits {
    /// The first digit of a byte.
    half: Option<u8>,
    comment: bool,
    in_line: bool,
    line: u64,
}

impl Digits {
    /// The bytes that a piece of text completes.
    pub(super) fn take(&mut self, text: &[u8]) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::with_capacity(text.len() / 2);
        for byte in text {
            match char::from(*byte) {
                '\n' => {
                    self.line += 1;
                    (self.comment, self.in_line) = (false, false);
                }
                _ if self.comment => {}
                '#' if !self.in_line => self.comment = true,
                char if char.is_ascii_whitespace() || char == ':' => {}
                char => {
                    self.in_line = true;
                    let digit = char.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                    let digit = digit.ok_or_else(|| self.fault(char))?;
                    match self.half.take() {
                        Some(half) => bytes.push(half << 4 | digit),
                        None => self.half = Some(digit),
                    }
                }
            }
        }
        Ok(bytes)
    }

    /// Refuses half a byte at the end.
    pub(super) fn end(&self) -> Result<(), Failure> {
        match self.half {
            None => Ok(()),
            Some(_) => {
                Err(Failure::local("the number of hexadecimal digits is odd: half a byte is left over"))
            }
        }
    }

    fn fault(&self, char: char) -> Failure {
        let line = self.line + 1;
        Failure::local(format!(
            "{char:?} in line {line} is no hexadecimal digit: --hex takes nothing else, `xxd -p FILE` writes it so"
        ))
    }
}

#[cfg(test)]
mod tests;
