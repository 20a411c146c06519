//! What to say of the whole capture, on stderr.

use tchannel_capture::{Counters, Decoder};

use crate::exit::Exit;
use crate::print;

/// Says what is worth it; the exit tells whether anything is at fault.
pub(super) fn tell(decoder: &Decoder) -> Exit {
    let counters = decoder.counters();
    for words in sentences(counters, decoder.is_whole()) {
        print::complain(&words);
    }
    if counters.faults > 0 { Exit::Malformed } else { Exit::Ok }
}

fn sentences(counters: &Counters, whole: bool) -> Vec<String> {
    let Counters { packets, segments, .. } = *counters;
    let mut said = Vec::new();
    if counters.frames == 0 {
        said.push(match packets {
            0 => "there are no frames in it".into(),
            _ => format!("there are no frames in it: {packets} packets, {segments} of them with TCP"),
        });
    }
    if let Some(link) = counters.unknown_link {
        let count = counters.unknown_links;
        said.push(format!("{count} packets begin with something unknown: link type {link}, for one"));
    }
    let mut say = |count: u64, one: &str, many: &str| match count {
        0 => {}
        1 => said.push(one.to_owned()),
        count => said.push(format!("{count} {many}")),
    };
    say(
        counters.cut,
        "a packet is not whole in the capture: tcpdump keeps them whole with `-s 0`",
        "packets are not whole in the capture: tcpdump keeps them whole with `-s 0`",
    );
    say(
        counters.fragments,
        "a packet is a fragment of a larger one, which is not put together: its bytes are missing",
        "packets are fragments of larger ones, which are not put together: their bytes are missing",
    );
    say(counters.senseless, "a packet has lengths that cannot be", "packets have lengths that cannot be");
    say(
        counters.connections_dropped,
        "a connection was dropped to save memory: it may go on under another number",
        "connections were dropped to save memory: they may go on under other numbers",
    );
    say(
        counters.calls_dropped,
        "a call was dropped to save memory: its answer is not paired",
        "calls were dropped to save memory: their answers are not paired",
    );
    say(counters.faults, "one thing is at fault", "things are at fault");
    if !whole {
        said.push("the capture ends within a packet".into());
    }
    said
}
