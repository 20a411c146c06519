//! A step for each field.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use tchannel_wire::{
    ChecksumKind, ErrorCode, FRAME_HEADER, Field, Flags, FrameType, Malformed, Problem, ResponseCode,
};

use super::Explained;

/// Longest text or bytes that are shown of a field, in bytes.
const SHOWN: usize = 64;

pub(super) struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    fields: Vec<Explained>,
}

type Walked<T = ()> = Result<T, Malformed>;

impl<'a> Walk<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, fields: Vec::new() }
    }

    pub(super) fn into_fields(self) -> Vec<Explained> {
        self.fields
    }

    pub(super) fn frame(&mut self) -> Walked {
        let size = self.u16("size", Field::FrameSize, |size| format!("{size} bytes"))?;
        let kind = self.u8("type", Field::FrameType, |kind| match FrameType::from_byte(kind) {
            Some(kind) => kind.to_string(),
            None => "unknown".into(),
        })?;
        self.reserved(1)?;
        self.u32("id", Field::FrameType, |id| id.to_string())?;
        self.reserved(8)?;
        // What lies behind the frame is not its own.
        let end = usize::from(size).max(FRAME_HEADER);
        let here = self.bytes.len();
        self.bytes = self.bytes.get(..end).unwrap_or(self.bytes);
        if let Some(kind) = FrameType::from_byte(kind) {
            self.body(kind).map_err(|fault| fault.within(kind))?;
        }
        self.rest("unread");
        if here < end {
            let problem = Problem::Truncated { needed: end, left: here };
            return Err(Malformed { frame: None, field: Field::FrameSize, offset: 0, problem });
        }
        Ok(())
    }

    fn body(&mut self, kind: FrameType) -> Walked {
        match kind {
            FrameType::InitReq | FrameType::InitRes => self.init(),
            FrameType::CallReq => {
                self.flags()?;
                self.ttl()?;
                self.tracing()?;
                self.short("service", Field::Service)?;
                self.headers()?;
                self.chunks(&["arg1", "arg2", "arg3", "a fourth argument"])
            }
            FrameType::CallRes => {
                self.flags()?;
                self.u8("code", Field::Code, |code| match ResponseCode(code) {
                    ResponseCode::OK => "ok".into(),
                    ResponseCode(code) => format!("not ok ({code})"),
                })?;
                self.tracing()?;
                self.headers()?;
                self.chunks(&["arg1", "arg2", "arg3", "a fourth argument"])
            }
            FrameType::CallReqContinue | FrameType::CallResContinue => {
                self.flags()?;
                self.chunks(&[
                    "the argument begun",
                    "the next argument",
                    "the one after it",
                    "a fourth argument",
                ])
            }
            FrameType::Cancel if self.at == self.bytes.len() => Ok(()),
            FrameType::Cancel => {
                self.ttl()?;
                self.tracing()?;
                self.long("why", Field::Why)
            }
            FrameType::Claim => {
                self.ttl()?;
                self.tracing()
            }
            FrameType::PingReq | FrameType::PingRes => Ok(()),
            FrameType::Error => {
                self.u8("code", Field::Code, |code| ErrorCode::from_byte(code).to_string())?;
                self.tracing()?;
                self.long("message", Field::Message)
            }
        }
    }

    fn init(&mut self) -> Walked {
        self.u16("version", Field::Version, |version| version.to_string())?;
        let count = self.u16("headers", Field::HeaderCount, |count| count.to_string())?;
        for _ in 0..count {
            self.long("key", Field::HeaderKey)?;
            self.long("value", Field::HeaderValue)?;
        }
        Ok(())
    }

    fn headers(&mut self) -> Walked {
        let count = self.u8("headers", Field::HeaderCount, |count| count.to_string())?;
        for _ in 0..count {
            self.short("key", Field::HeaderKey)?;
            self.short("value", Field::HeaderValue)?;
        }
        Ok(())
    }

    fn flags(&mut self) -> Walked {
        self.u8("flags", Field::Flags, |flags| {
            let more = if Flags(flags).more() { "more frames follow" } else { "the last frame" };
            let streaming = if Flags(flags).streaming() { ", streaming" } else { "" };
            format!("{more}{streaming}")
        })?;
        Ok(())
    }

    fn ttl(&mut self) -> Walked {
        self.u32("ttl", Field::Ttl, |ttl| format!("{ttl} ms"))?;
        Ok(())
    }

    fn tracing(&mut self) -> Walked {
        for name in ["span id", "parent id", "trace id"] {
            self.take(name, Field::Tracing, 8, hex)?;
        }
        self.u8("trace flags", Field::Tracing, |flags| {
            if flags & 1 == 1 { "sampled" } else { "not sampled" }.into()
        })?;
        Ok(())
    }

    fn chunks(&mut self, names: &[&'static str; 4]) -> Walked {
        let kind = self.u8("checksum type", Field::ChecksumType, |kind| {
            match ChecksumKind::from_byte(kind) {
                Some(ChecksumKind::None) => "none",
                Some(ChecksumKind::Crc32) => "crc32",
                Some(ChecksumKind::FarmHash) => "farmhash",
                Some(ChecksumKind::Crc32c) => "crc32c",
                None => "unknown: nothing behind it can be read",
            }
            .into()
        })?;
        let Some(kind) = ChecksumKind::from_byte(kind) else {
            let problem = Problem::Unknown { value: kind.into() };
            return Err(self.fault(Field::ChecksumType, problem));
        };
        if kind.field_len() > 0 {
            self.u32("checksum", Field::Checksum, |value| format!("{value:08x}"))?;
        }
        let mut names = names.iter().copied();
        while self.at < self.bytes.len() {
            self.long(names.next().unwrap_or("one argument more"), Field::Chunk)?;
        }
        Ok(())
    }

    fn reserved(&mut self, len: usize) -> Walked {
        self.take("reserved", Field::FrameSize, len, |bytes| {
            if bytes.iter().all(|byte| *byte == 0) { "" } else { "not zero" }.into()
        })?;
        Ok(())
    }

    fn short(&mut self, name: &'static str, field: Field) -> Walked {
        let len = self.peek(field, 1)?.first().copied().unwrap_or_default();
        self.text(name, field, 1, usize::from(len))
    }

    fn long(&mut self, name: &'static str, field: Field) -> Walked {
        let len = self.peek(field, 2)?.first_chunk().copied().unwrap_or_default();
        self.text(name, field, 2, usize::from(u16::from_be_bytes(len)))
    }

    /// A length of `head` bytes, and so many bytes.
    fn text(&mut self, name: &'static str, field: Field, head: usize, len: usize) -> Walked {
        self.take(name, field, head + len, |bytes| {
            let bytes = bytes.get(head..).unwrap_or_default();
            let plural = if len == 1 { "" } else { "s" };
            format!("{len} byte{plural}{}", shown(bytes))
        })?;
        Ok(())
    }

    fn u8(&mut self, name: &'static str, field: Field, say: impl FnOnce(u8) -> String) -> Walked<u8> {
        let number = |bytes: &[u8]| bytes.first().copied().unwrap_or_default();
        self.take(name, field, 1, |bytes| say(number(bytes))).map(number)
    }

    fn u16(&mut self, name: &'static str, field: Field, say: impl FnOnce(u16) -> String) -> Walked<u16> {
        let number = |bytes: &[u8]| u16::from_be_bytes(bytes.first_chunk().copied().unwrap_or_default());
        self.take(name, field, 2, |bytes| say(number(bytes))).map(number)
    }

    fn u32(&mut self, name: &'static str, field: Field, say: impl FnOnce(u32) -> String) -> Walked<u32> {
        let number = |bytes: &[u8]| u32::from_be_bytes(bytes.first_chunk().copied().unwrap_or_default());
        self.take(name, field, 4, |bytes| say(number(bytes))).map(number)
    }

    fn rest(&mut self, name: &'static str) {
        let bytes = self.bytes.get(self.at..).unwrap_or_default();
        if !bytes.is_empty() {
            let value = format!("{} bytes{}", bytes.len(), shown(bytes));
            self.fields.push(Explained { at: self.at, len: bytes.len(), name, value });
            self.at = self.bytes.len();
        }
    }

    fn take(
        &mut self,
        name: &'static str,
        field: Field,
        len: usize,
        say: impl FnOnce(&[u8]) -> String,
    ) -> Walked<&'a [u8]> {
        let bytes = self.peek(field, len)?;
        self.fields.push(Explained { at: self.at, len, name, value: say(bytes) });
        self.at += len;
        Ok(bytes)
    }

    fn peek(&self, field: Field, len: usize) -> Walked<&'a [u8]> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let problem = Problem::Truncated { needed: len, left: rest.len() };
        rest.get(..len).ok_or_else(|| self.fault(field, problem))
    }

    /// Offsets of faults count from the body.
    fn fault(&self, field: Field, problem: Problem) -> Malformed {
        Malformed { frame: None, field, offset: self.at.saturating_sub(FRAME_HEADER), problem }
    }
}

/// The first bytes: as text where they are, else in hex.
fn shown(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return String::new();
    }
    let more = if bytes.len() > SHOWN { ".." } else { "" };
    let first = &bytes[..bytes.len().min(SHOWN)];
    // A character that the cut goes through is not at fault.
    let text = match core::str::from_utf8(first) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() && !more.is_empty() => {
            core::str::from_utf8(&first[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    };
    match text {
        Some(text) if !text.chars().any(|char| char.is_control() && !char.is_whitespace()) => {
            format!(": {text:?}{more}")
        }
        Some(_) | None => format!(": {}{more}", hex(first)),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        for digit in [byte >> 4, byte & 0xF] {
            text.push(char::from_digit(digit.into(), 16).unwrap_or_default());
        }
        text
    })
}
