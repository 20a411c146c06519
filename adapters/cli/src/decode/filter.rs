//! What is shown, and what is not.

use clap::ValueEnum;
use tchannel_capture::wire::Message;
use tchannel_capture::{Call, Frame, Outcome};

/// Kinds of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Responses {
    /// Answers that are ok.
    Ok,
    /// Application errors.
    Notok,
    /// Error frames.
    Error,
}

/// The options that choose.
#[derive(Debug)]
pub(super) struct Filter {
    service: Names,
    arg1: Names,
    responses: Option<Responses>,
}

/// Names to show, and names to leave out.
#[derive(Debug)]
struct Names {
    only: Vec<String>,
    not: Vec<String>,
}

impl Names {
    fn new(given: &[String]) -> Self {
        let (mut only, mut not) = (Vec::new(), Vec::new());
        for name in given {
            match name.strip_prefix('~') {
                Some(name) => not.push(name.to_owned()),
                None => only.push(name.clone()),
            }
        }
        Self { only, not }
    }

    /// `None` is what belongs to no call, or to one of which too little was seen: it is none of any names.
    fn take(&self, name: Option<&[u8]>) -> bool {
        let is = |names: &[String]| names.iter().any(|one| Some(one.as_bytes()) == name);
        (self.only.is_empty() || is(&self.only)) && !is(&self.not)
    }
}

impl Filter {
    pub(super) fn new(service: &[String], arg1: &[String], responses: Option<Responses>) -> Self {
        Self { service: Names::new(service), arg1: Names::new(arg1), responses }
    }

    pub(super) fn frame(&self, frame: &Frame) -> bool {
        let call = frame.call.as_ref();
        let service = call.and_then(|call| call.route.as_ref()).map(|route| route.service().as_bytes());
        let arg1 = call.and_then(|call| call.arg1.as_deref());
        let answer = || match &frame.message {
            Ok(Some(Message::CallRes(_) | Message::CallResContinue(_))) => call
                .and_then(|call| call.code)
                .map(|code| if code.is_ok() { Responses::Ok } else { Responses::Notok }),
            Ok(Some(Message::Error(_))) => Some(Responses::Error),
            Ok(_) | Err(_) => None,
        };
        self.service.take(service)
            && self.arg1.take(arg1)
            && self.responses.is_none_or(|wanted| answer() == Some(wanted))
    }

    pub(super) fn call(&self, call: &Call) -> bool {
        let request = call.request.as_ref();
        let service = request.map(|request| request.route.service().as_bytes());
        let arg1 = request.map(|request| &request.args.args[0].bytes[..]);
        let answer = match &call.outcome {
            Outcome::Answered(answer) if answer.code.is_ok() => Some(Responses::Ok),
            Outcome::Answered(_) => Some(Responses::Notok),
            Outcome::Failed { .. } => Some(Responses::Error),
            Outcome::Cancelled { .. } | Outcome::Unanswered(_) => None,
        };
        self.service.take(service)
            && self.arg1.take(arg1)
            && self.responses.is_none_or(|wanted| answer == Some(wanted))
    }

    /// Whether what belongs to no call is shown.
    pub(super) fn others(&self) -> bool {
        self.service.take(None) && self.arg1.take(None) && self.responses.is_none()
    }
}
