//! `tchannel decode`: what a capture says.

mod argument;
mod filter;
mod hex;
mod json;
mod moment;
mod paint;
mod summary;
mod text;
mod thrift;

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::PathBuf;

use clap::Args;
use tchannel_capture::{Damage, Decoder, Limits, Record};
use tokio::task::JoinError;

use crate::exit::{Exit, Failure};
use argument::Shown;
use filter::{Filter, Responses};
use hex::Digits;
use paint::Paint;
use thrift::Methods;

/// Tells what a capture of packets says, frame by frame or call by call.
///
/// Takes pcap and pcapng, also as they come: `tcpdump -i any -U -w - | tchannel decode -`. TCP streams are put in order
/// again, and where bytes are missing the next frame is looked for. Fragments are joined, checksums verified, and requests
/// paired with their answers. Connections that do not look like TChannel are left out.
///
/// Ends with 0 if all is well, 1 if a frame was malformed or a checksum wrong, 125 if the capture cannot be read.
#[derive(Args)]
pub(crate) struct Options {
    /// The capture; `-` is stdin.
    file: PathBuf,
    /// The file holds the bytes of a connection, and no packets. Frames of both directions may be mixed.
    #[arg(long)]
    raw: bool,
    /// The same in hexadecimal digits. Blanks, colons and lines that begin with `#` do not count.
    #[arg(long, conflicts_with = "raw")]
    hex: bool,
    /// One line for each call instead of each frame, when it is over.
    #[arg(long)]
    calls: bool,
    /// Lines of JSON.
    #[arg(long)]
    json: bool,
    /// Each field of each frame, with its place in bytes.
    #[arg(long, conflicts_with = "calls")]
    explain: bool,
    /// Arguments as long as they are. Else they are cut: to 120 bytes, in JSON to 1,024.
    #[arg(long)]
    whole: bool,
    /// A Thrift file, or a directory of them, to read arg3 with; give it again for more.
    #[arg(short, long, value_name = "PATH")]
    thrift: Vec<PathBuf>,
    #[command(flatten)]
    wanted: Wanted,
}

/// What is shown.
#[derive(Args)]
#[command(next_help_heading = "What is shown")]
struct Wanted {
    /// Connections with this port at either end; give it again for more. Then they have to speak TChannel.
    #[arg(short, long, value_name = "PORT")]
    port: Vec<u16>,
    /// Calls of this service, or with `~S` of any other; give it again for more.
    #[arg(short, long, value_name = "S|~S")]
    service: Vec<String>,
    /// Calls with this arg1, or with `~E` with any other; give it again for more.
    #[arg(short = '1', long, visible_aliases = ["endpoint", "method"], value_name = "E|~E")]
    arg1: Vec<String>,
    /// Answers of this kind, or with --calls calls that were answered so.
    #[arg(long, value_enum)]
    responses: Option<Responses>,
}

/// How records are told.
struct View {
    calls: bool,
    json: bool,
    explain: bool,
    shown: Shown,
    filter: Filter,
    paint: Paint,
}

pub(crate) async fn decode(options: Options) -> Result<Exit, Failure> {
    let piped = options.is_piped();
    let mut work = tokio::task::spawn_blocking(move || run(&options));
    if piped {
        // Who ends a pipeline from the keyboard ends what writes to it as well, and wants to see all that it wrote.
        tokio::select! {
            ended = &mut work => return exit(ended),
            _ = tokio::signal::ctrl_c() => {}
        }
        tokio::select! {
            ended = &mut work => return exit(ended),
            _ = tokio::signal::ctrl_c() => return Ok(Exit::Ok),
        }
    }
    exit(work.await)
}

fn exit(ended: Result<Result<Exit, Failure>, JoinError>) -> Result<Exit, Failure> {
    ended.map_err(|error| Failure::local(error.to_string()))?
}

fn run(options: &Options) -> Result<Exit, Failure> {
    let mut limits = Limits::default();
    limits.ports.clone_from(&options.wanted.port);
    if options.whole {
        limits.keep = WHOLE;
        limits.memory = 4 * WHOLE;
    }
    let dump = options.raw || options.hex;
    let mut decoder = if dump { Decoder::dump(limits) } else { Decoder::capture(limits) };
    let mut input = open(options)?;
    let view = View::new(options)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut digits = options.hex.then(Digits::default);
    let mut buffer = vec![0; CHUNK];
    let mut ended = false;
    while !ended {
        let len = match input.read(&mut buffer) {
            Ok(len) => len,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(Failure::local(format!("cannot read {}: {error}", options.file.display())));
            }
        };
        let bytes = &buffer[..len];
        match &mut digits {
            Some(digits) => decoder.push(&digits.take(bytes)?),
            None => decoder.push(bytes),
        }
        if len == 0 {
            if let Some(digits) = &digits {
                digits.end()?;
            }
            decoder.finish();
            ended = true;
        }
        match tell(&view, &mut decoder, &mut out) {
            Ok(None) => {}
            Ok(Some(damage)) => return Err(Failure::local(format!("{}: {damage}", options.file.display()))),
            // Nobody reads any more.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::Ok),
            Err(error) => return Err(Failure::local(format!("cannot write what was found: {error}"))),
        }
    }
    drop(out);
    Ok(summary::tell(&decoder))
}

/// Tells all that there is to tell by now; gives what is wrong with the file, if it cannot be read any further.
fn tell(view: &View, decoder: &mut Decoder, out: &mut impl Write) -> io::Result<Option<Damage>> {
    let mut wrong = None;
    while let Some(record) = decoder.poll() {
        if let Record::Damaged(damage) = record {
            wrong = Some(damage);
            decoder.finish();
        } else {
            view.tell(&record, out)?;
        }
    }
    out.flush()?;
    Ok(wrong)
}

fn open(options: &Options) -> Result<Box<dyn Read>, Failure> {
    if options.is_piped() {
        if io::stdin().is_terminal() && !options.hex {
            return Err(Failure::local(
                "stdin is a terminal, and captures are not typed: give a file, or pipe one in",
            ));
        }
        return Ok(Box::new(io::stdin().lock()));
    }
    let opened = File::open(&options.file);
    let file =
        opened.map_err(|error| Failure::local(format!("cannot open {}: {error}", options.file.display())))?;
    Ok(Box::new(file))
}

impl Options {
    fn is_piped(&self) -> bool {
        self.file.as_os_str() == "-"
    }
}

impl View {
    fn new(options: &Options) -> Result<Self, Failure> {
        let (json, calls) = (options.json, options.calls);
        let cut = match (options.whole, json) {
            (true, _) => usize::MAX,
            (false, true) => 1_024,
            (false, false) => 120,
        };
        Ok(Self {
            calls,
            json,
            explain: options.explain,
            shown: Shown { cut, methods: Methods::load(&options.thrift)? },
            filter: Filter::new(&options.wanted.service, &options.wanted.arg1, options.wanted.responses),
            paint: Paint::new(!json),
        })
    }

    fn tell(&self, record: &Record, out: &mut impl Write) -> io::Result<()> {
        let wanted = match record {
            Record::Frame(frame) => !self.calls && self.filter.frame(frame),
            Record::Call(call) => self.calls && self.filter.call(call),
            Record::Stream(_) => self.filter.others(),
            Record::Damaged(_) => false,
        };
        if !wanted {
            return Ok(());
        }
        if self.json { json::tell(self, record, out) } else { text::tell(self, record, out) }
    }
}

/// Bytes read at a time.
const CHUNK: usize = 64 * 1_024;
/// Most bytes kept of an argument that is shown whole.
const WHOLE: usize = 64 << 20;
