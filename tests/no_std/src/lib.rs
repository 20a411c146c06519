//! Uses the core with a panic handler and an allocator of its own. Where std is linked too, there are two.
#![no_std]

extern crate alloc;

use alloc::sync::Arc;
use core::alloc::{GlobalAlloc, Layout};
use core::panic::PanicInfo;
use core::ptr::null_mut;

use tchannel_capture::{Decoder, Limits};
use tchannel_cassette::Cassette;
use tchannel_mesh::Services;
use tchannel_proto::{Config, Connection, Timestamp};
use tchannel_schemes::{json, thrift};

struct Nothing;

// SAFETY: it never hands out memory.
unsafe impl GlobalAlloc for Nothing {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        null_mut()
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static ALLOCATOR: Nothing = Nothing;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

/// Makes the linker keep the decoder of captures.
#[unsafe(no_mangle)]
pub extern "C" fn tchannel_captures_are_read() -> bool {
    let mut decoder = Decoder::capture(Limits::default());
    decoder.push(&[0]);
    decoder.poll().is_some()
}

/// Makes the linker keep the schemes.
#[unsafe(no_mangle)]
pub extern "C" fn tchannel_arguments_are_read() -> bool {
    json::Headers::decode(b"{}").is_ok() && thrift::decode::<thrift::Fields>(&[0][..].into()).is_ok()
}

/// Makes the linker keep the machine.
#[unsafe(no_mangle)]
pub extern "C" fn tchannel_connection_is_closed() -> bool {
    let config = Arc::new(Config::default());
    let mut connection = Connection::connect(Timestamp::ZERO, config, "0.0.0.0:0", 1);
    connection.close(Timestamp::ZERO);
    let is_silent = Cassette::parse("").is_ok_and(|cassette| cassette.play_count() == 0);
    connection.is_closed() && Services::new().find("echo").is_none() && is_silent
}
