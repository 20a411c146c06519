//! What a channel asks before it makes a call, and tells afterwards.

use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tchannel_cassette::{ArgScheme, Cassette, OnCall, Request, Response as Recorded, TransportHeader};
use tchannel_mesh::CallPlan;
use tchannel_proto::wire::{ChecksumKind, HeaderBlock, ResponseCode, Scheme, Tracing};
use tchannel_proto::{Args, ResponseHead};

use super::CassetteError;
use super::file::CassetteFile;
use crate::shared::call::Response;
use crate::shared::error::Refusal;
use crate::shared::hub::Hub;
use crate::shared::lock;

/// Where a channel's cassette lies. Costs a call without one a look at a flag.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    full: AtomicBool,
    tape: Mutex<Option<Arc<Tape>>>,
}

/// A cassette in use.
#[derive(Debug)]
pub(crate) struct Tape {
    file: CassetteFile,
    cassette: Mutex<Cassette>,
    /// Nothing more is recorded.
    over: AtomicBool,
}

/// A call that is recorded when it is answered.
#[derive(Debug)]
pub(crate) struct Taping {
    tape: Arc<Tape>,
    request: Request,
}

/// A call that the cassette was asked about.
pub(crate) struct Asked<'a> {
    pub(crate) hub: &'a Hub,
    pub(crate) plan: &'a CallPlan,
    pub(crate) endpoint: &'a [u8],
    pub(crate) args: &'a Args,
    /// The host that the call names itself, or nothing.
    pub(crate) host: String,
}

/// What becomes of a call.
pub(crate) enum Verdict {
    Play(Box<Response>),
    Make(Box<Taping>),
}

impl Slot {
    /// Gives false if there is another one.
    pub(super) fn put(&self, tape: &Arc<Tape>) -> bool {
        let mut place = lock(&self.tape);
        if place.is_some() {
            return false;
        }
        *place = Some(tape.clone());
        self.full.store(true, Ordering::Release);
        true
    }

    pub(super) fn take(&self, tape: &Arc<Tape>) {
        let mut place = lock(&self.tape);
        if place.as_ref().is_some_and(|there| Arc::ptr_eq(there, tape)) {
            *place = None;
            self.full.store(false, Ordering::Release);
        }
    }

    pub(crate) fn tape(&self) -> Option<Arc<Tape>> {
        if self.full.load(Ordering::Acquire) { lock(&self.tape).clone() } else { None }
    }
}

impl Tape {
    pub(super) fn new(cassette: Cassette, file: CassetteFile) -> Self {
        Tape { file, cassette: Mutex::new(cassette), over: AtomicBool::new(false) }
    }

    pub(super) fn with<T>(&self, look: impl FnOnce(&Cassette) -> T) -> T {
        look(&lock(&self.cassette))
    }

    /// Decides about a call before anything is sent.
    pub(crate) fn ask(self: &Arc<Self>, asked: &Asked<'_>) -> Result<Verdict, Refusal> {
        let request = asked.request()?;
        let scheme = request.scheme;
        match lock(&self.cassette).on_call(&request) {
            OnCall::Replay(recorded) => Ok(Verdict::Play(Box::new(play(recorded, scheme)))),
            OnCall::Forward => Ok(Verdict::Make(Box::new(Taping { tape: self.clone(), request }))),
            OnCall::Refuse(refused) => Err(Refusal::misuse(refused.to_string())),
        }
    }

    /// Whether a call may leave that cannot be recorded.
    pub(crate) fn passes_streams(&self) -> Result<(), Refusal> {
        let cassette = lock(&self.cassette);
        if cassette.write_protected() {
            let (path, mode) = (self.file.path().display(), cassette.record_mode());
            let text =
                format!("{path} holds whole calls only, and lets no streamed ones pass in mode {mode}");
            return Err(Refusal::misuse(text));
        }
        Ok(())
    }

    /// Writes the file if there is something new, and records nothing from here on.
    pub(super) fn save(&self) -> Result<(), CassetteError> {
        let mut cassette = lock(&self.cassette);
        self.over.store(true, Ordering::Relaxed);
        if cassette.is_unsaved() {
            self.file.replace(&cassette.to_yaml())?;
            cassette.handle_saved();
        }
        Ok(())
    }
}

impl Taping {
    /// The call was answered.
    pub(crate) fn record(self, response: &Response) {
        let Taping { tape, request } = self;
        let (arg2, body) = (response.arg2().clone(), response.body());
        let recorded = if response.ok() { Recorded::ok(arg2, body) } else { Recorded::not_ok(arg2, body) };
        let mut cassette = lock(&tape.cassette);
        if !tape.over.load(Ordering::Relaxed) {
            cassette.on_response(request, recorded);
        }
    }
}

impl Asked<'_> {
    fn request(&self) -> Result<Request, Refusal> {
        let headers = self.plan.route.headers();
        let scheme = headers.scheme().unwrap_or(Scheme::Raw);
        let scheme =
            ArgScheme::from_str(scheme.as_str()).map_err(|error| Refusal::misuse(error.to_string()))?;
        let endpoint = std::str::from_utf8(self.endpoint).map_err(|_| {
            Refusal::misuse("a cassette holds endpoints as text: make this call outside of it")
        })?;
        let service = self.plan.route.service();
        let mut request = Request::new(service, endpoint, scheme);
        request.headers = self.args.arg2.clone().into();
        request.body = self.args.body().into();
        request.host_port = self.host.clone().into();
        request.known_peers = self.hub.with_mesh(|mesh, _| {
            let peers = mesh.peers_of(Some(&self.plan.peers_of));
            peers.map(|peer| peer.to_string().into()).collect()
        });
        let header = |(key, value): (&str, &str)| TransportHeader::new(key.to_owned(), value.to_owned());
        request.transport_headers = headers.iter().map(header).collect();
        Ok(request)
    }
}

/// The response that a recording is.
fn play(recorded: Recorded, scheme: ArgScheme) -> Response {
    let head = ResponseHead {
        code: if recorded.ok { ResponseCode::OK } else { ResponseCode::NOT_OK },
        headers: HeaderBlock::encode([("as", scheme.as_str())]).unwrap_or_default(),
        tracing: Tracing::default(),
        checksum: ChecksumKind::None,
    };
    Response::recorded(head, Args::new(recorded.headers.into_bytes(), recorded.body.into_bytes()))
}
