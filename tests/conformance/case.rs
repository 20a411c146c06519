//! A named case: a script, the side that is under test, and two healthy calls that must not notice.

use std::num::{NonZeroU32, NonZeroUsize};

use tchannel_proto::Config;

use super::act::act;
use super::frame::frame;
use super::play::{Chunking, Play, Side};
use super::script::{self, Witnesses};

/// Id of the peer's healthy call.
const PEERS_WITNESS: u32 = 900;

/// One case, and how its connection is set up.
pub(crate) struct Case {
    side: Side,
    language: Option<&'static str>,
    configure: Box<dyn Fn(&mut Config)>,
    /// Whether the script begins with an open connection.
    open: bool,
    /// Whether healthy calls are in flight while the script runs.
    witnesses: bool,
    /// Whether the connection closes when they are over.
    drains: bool,
    script: String,
}

/// The peer, of some language without peculiarities, dialled us. Our next own id is 2: 1 is the healthy call's.
pub(crate) fn accepted(script: impl Into<String>) -> Case {
    Case {
        side: Side::Accept,
        language: Some("java"),
        configure: Box::new(|_| {}),
        open: true,
        witnesses: true,
        drains: false,
        script: script.into(),
    }
}

/// We dialled the peer. Our next own id is 3: 1 is the init req's, 2 the healthy call's.
pub(crate) fn connected(script: impl Into<String>) -> Case {
    Case { side: Side::Connect, ..accepted(script) }
}

impl Case {
    /// The peer says that it speaks this language; `None`: it does not say.
    pub(crate) fn peer(self, language: Option<&'static str>) -> Self {
        Case { language, ..self }
    }

    /// With another configuration than the default.
    pub(crate) fn config(self, configure: impl Fn(&mut Config) + 'static) -> Self {
        Case { configure: Box::new(configure), ..self }
    }

    /// The script does the handshake, too. Healthy calls are made after it.
    pub(crate) fn bare(self) -> Self {
        Case { open: false, ..self }
    }

    /// Without healthy calls: the case counts every call, or waits until the last one is over. Own ids begin one lower.
    pub(crate) fn alone(self) -> Self {
        Case { witnesses: false, ..self }
    }

    /// The script leaves the connection draining: it closes once the healthy calls are over.
    pub(crate) fn drains(self) -> Self {
        Case { drains: true, ..self }
    }

    /// Runs the case under each chunking; all of them must give the same bytes and events.
    pub(crate) fn run(&self, name: &str) {
        let mut first: Option<Vec<String>> = None;
        for chunking in Chunking::ALL {
            let transcript = self
                .play(chunking)
                .unwrap_or_else(|difference| panic!("{name} ({chunking:?}) {difference}\n"));
            match &first {
                None => first = Some(transcript),
                Some(first) => assert_eq!(first, &transcript, "{name}: {chunking:?} makes a difference"),
            }
        }
    }

    fn play(&self, chunking: Chunking) -> Result<Vec<String>, String> {
        let mut config = Config::default();
        config.process_name = "here".into();
        (self.configure)(&mut config);
        let mut play = Play::new(self.side, config, self.language, chunking);
        if self.open {
            script::run(&mut play, &self.handshake(), None)?;
        }
        let mut witnesses = None;
        if self.open && self.witnesses {
            witnesses = Some(self.open_witnesses(&mut play)?);
        }
        let alive = script::run(&mut play, &self.script, witnesses)?;
        if !alive {
            Self::expect_nothing_more(&mut play, witnesses)?;
        } else if self.witnesses {
            let witnesses = match witnesses {
                Some(witnesses) => witnesses,
                None => self.open_witnesses(&mut play)?,
            };
            self.finish_witnesses(&mut play, witnesses)?;
        }
        assert!(play.tap.is_at_a_frame_border(), "a frame was sent in part");
        Ok(play.transcript)
    }

    fn handshake(&self) -> String {
        let (count, extra) = match self.language {
            None => ("0002", String::new()),
            Some(language) => ("0003", format!("0011'tchannel_language' {:04x}'{language}'", language.len())),
        };
        let name = self.language.unwrap_or("-");
        match self.side {
            Side::Accept => format!(
                "< init req 1: 0002 {count} REQUIRED {extra}
                   > init res 1 version 2 [host_port=10.0.0.1:4040 process_name=here tchannel_language=rust …]
                   * ready - probe {name}"
            ),
            Side::Connect => format!(
                "! timer
                   = 5s
                   > init req 1 version 2 [host_port=10.0.0.1:4040 process_name=here tchannel_language=rust …]
                 < init res 1: 0002 {count} REQUIRED {extra}
                   * ready - probe {name}"
            ),
        }
    }

    /// One call each way, left open.
    fn open_witnesses(&self, play: &mut Play) -> Result<Witnesses, String> {
        let outgoing = match self.side {
            Side::Accept => 1,
            Side::Connect => 2,
        };
        let script = format!(
            "< call req {PEERS_WITNESS}: 00 000927c0 T ROUTE 00 0004'echo' 0000 0006'alive?'
               * request {PEERS_WITNESS} HEAD none …ms 'echo' '' 'alive?'
             ! call 'echo' '' 'alive?'
               > call req {outgoing} ttl 3600000 echo [cn=probe as=raw] T none 'echo' '' 'alive?'"
        );
        script::run(play, &script, None)
            .map_err(|difference| format!("opening healthy calls {difference}"))?;
        Ok(Witnesses { outgoing, incoming: PEERS_WITNESS })
    }

    /// The healthy calls are answered, and a ping is.
    fn finish_witnesses(&self, play: &mut Play, witnesses: Witnesses) -> Result<(), String> {
        let Witnesses { outgoing, incoming } = witnesses;
        let end = if self.drains { "* closed drained" } else { "< ping req 7:\n > ping res 7" };
        let script = format!(
            "! respond {incoming} ok '' 'alive!'
               > call res {incoming} ok [as=raw] T none '' '' 'alive!'
             < call res {outgoing}: 00 00 T RAW 00 0000 0000 0006'alive!'
               * response {outgoing} ok [as=raw] T none '' 'alive!'
             {end}"
        );
        script::run(play, &script, None)
            .map_err(|difference| format!("finishing healthy calls {difference}"))?;
        Ok(())
    }

    /// Law 10: after `Closed` nothing is emitted and every handle is `Gone`.
    fn expect_nothing_more(play: &mut Play, witnesses: Option<Witnesses>) -> Result<(), String> {
        assert!(play.connection.is_closed(), "the connection is not closed");
        assert_eq!(play.connection.poll_timeout(), None, "a timer after the end");
        assert_eq!(
            (play.connection.live(), play.connection.held()),
            ((0, 0), 0),
            "something is left after the end"
        );
        play.feed(&frame("ping req 7:", 0));
        play.feed(&frame("call req 901: 00 TTL T ROUTE 00 ARGS", 0));
        play.advance(std::time::Duration::from_secs(3_600));
        play.connection.handle_lost(play.now, tchannel_proto::Lost::Eof);
        play.connection.close(play.now);
        play.settle();
        if !play.sent.is_empty() || !play.events.is_empty() {
            return Err(format!("after the end: {:?} and {} frames", play.events, play.sent.len()));
        }
        let refused = act(play, "call 'echo' '' ''");
        assert_eq!(refused, "closed", "a call after the end");
        if let Some(witnesses) = witnesses {
            assert_eq!(act(play, &format!("respond {} ok '' ''", witnesses.incoming)), "gone");
            assert_eq!(act(play, &format!("read out {}", witnesses.outgoing)), "gone");
        }
        Ok(())
    }
}

/// A limit in bytes or events.
pub(crate) fn size(value: usize) -> NonZeroUsize {
    value.try_into().expect("not zero")
}

/// A limit in calls or frames.
pub(crate) fn count(value: u32) -> NonZeroU32 {
    value.try_into().expect("not zero")
}

/// A peer may send this many useless frames, ever.
pub(crate) fn patience(frames: u32) -> impl Fn(&mut Config) {
    move |config| {
        config.patience = count(frames);
        config.patience_per_second = 0;
    }
}

/// Declares cases: each becomes a test of its name, and the names are listed for the coverage test.
macro_rules! cases {
    ($($name:ident: $case:expr;)*) => {
        /// The cases above, by name.
        pub(crate) const NAMES: &[&str] = &[$(stringify!($name)),*];

        $(
            #[test]
            fn $name() {
                $case.run(stringify!($name));
            }
        )*
    };
}

pub(crate) use cases;
