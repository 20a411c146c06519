//! The same bytes through TCP and nothing else: calls in flight are one write and one read of many.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tchannel_load::{Cpu, Load, Measured};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{listen, on_worker};
use crate::Failure;

const BUFFER: usize = 256 << 10;

pub(super) fn serve(listening: &dyn Fn(SocketAddr)) -> Result<(), Failure> {
    let listener = listen(listening)?;
    on_worker(async move {
        let listener = TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(echo(stream));
        }
    })
}

async fn echo(mut stream: TcpStream) -> std::io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let len = stream.read(&mut buffer).await?;
        if len == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..len]).await?;
    }
}

pub(super) fn load(at: SocketAddr, size: usize, load: &Load) -> Result<Measured, Failure> {
    let load = *load;
    on_worker(async move {
        let stream = TcpStream::connect(at).await?;
        stream.set_nodelay(true)?;
        let (mut reader, mut writer) = stream.into_split();
        let many = load.in_flight.get();
        let out = vec![7; size * many];
        let mut buffer = vec![0; BUFFER];
        let mut rounds = Rounds::new(&load);
        while rounds.more() {
            // Both directions at once: what is in flight may be more than the sockets hold.
            let write = writer.write_all(&out);
            let read = async {
                let mut left = out.len();
                while left > 0 {
                    let len = reader.read(&mut buffer[..left.min(BUFFER)]).await?;
                    if len == 0 {
                        return Err(std::io::ErrorKind::UnexpectedEof.into());
                    }
                    left -= len;
                }
                Ok(())
            };
            tokio::try_join!(write, read)?;
            rounds.ended();
        }
        Ok(rounds.measured(many))
    })
}

/// The same with threads that block in the system's calls.
pub(super) fn serve_blocking(listening: &dyn Fn(SocketAddr)) -> Result<(), Failure> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listening(listener.local_addr()?);
    loop {
        let (mut stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        std::thread::spawn(move || {
            let mut buffer = vec![0; BUFFER];
            while let Ok(len @ 1..) = stream.read(&mut buffer) {
                if stream.write_all(&buffer[..len]).is_err() {
                    return;
                }
            }
        });
    }
}

pub(super) fn load_blocking(at: SocketAddr, size: usize, load: &Load) -> Result<Measured, Failure> {
    let mut stream = std::net::TcpStream::connect(at)?;
    stream.set_nodelay(true)?;
    let many = load.in_flight.get();
    let out = vec![7; size * many];
    let mut back = vec![0; out.len()];
    let mut rounds = Rounds::new(load);
    while rounds.more() {
        if out.len() <= SMALL {
            stream.write_all(&out)?;
            stream.read_exact(&mut back)?;
        } else {
            // Both directions at once: what is in flight may be more than the sockets hold.
            let mut writer = stream.try_clone()?;
            std::thread::scope(|scope| {
                let writing = scope.spawn(|| writer.write_all(&out));
                stream.read_exact(&mut back)?;
                writing.join().unwrap_or_else(|_| Err(std::io::ErrorKind::Other.into()))
            })?;
        }
        rounds.ended();
    }
    Ok(rounds.measured(many))
}

/// What the sockets of a connection hold in any case.
const SMALL: usize = 64 << 10;

/// The times of rounds of calls.
struct Rounds {
    begin: Instant,
    end: Instant,
    server: Option<u32>,
    cpu: Cpu,
    begun: Option<Instant>,
    last: Instant,
    took: Vec<Duration>,
}

impl Rounds {
    fn new(load: &Load) -> Self {
        let now = Instant::now();
        let begin = now + load.warm_up.time.unwrap_or_default();
        Rounds {
            begin,
            end: begin + load.extent.time.unwrap_or_default(),
            server: load.server,
            cpu: Cpu::default(),
            begun: None,
            last: now,
            took: Vec::new(),
        }
    }

    fn more(&mut self) -> bool {
        self.last < self.end
    }

    fn ended(&mut self) {
        let now = Instant::now();
        if self.begun.is_some() {
            self.took.push(now - self.last);
        } else if now >= self.begin {
            (self.begun, self.cpu) = (Some(now), Cpu::used(self.server));
        }
        self.last = now;
    }

    fn measured(self, many: usize) -> Measured {
        let took = self.last - self.begun.unwrap_or(self.last);
        let cpu = Cpu::used(self.server).since(self.cpu);
        Measured::of(took, cpu, self.took.into_iter().map(|took| (took, many)))
    }
}
