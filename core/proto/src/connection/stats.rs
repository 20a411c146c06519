//! Counts for operators.

/// What a connection counted since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Frames received, whatever they were.
    pub frames_received: u64,
    /// Bytes of those frames.
    pub bytes_received: u64,
    /// Bytes handed out to be written.
    pub bytes_sent: u64,
    /// Frames that served no call; each costs patience.
    pub useless_frames: u64,
    /// Of those, frames of a type that the protocol does not name.
    pub unknown_types: u64,
    /// Requests answered `bad request` because they could not be read.
    pub bad_calls: u64,
    /// Requests refused by a limit or while draining.
    pub refused_calls: u64,
    /// Responses of the peer that could not be read.
    pub bad_responses: u64,
    /// Frames for calls that had ended here.
    pub late_frames: u64,
    /// Messages with an empty arg3 before the real one, as python sends them.
    pub fragment_quirks: u64,
    /// Cancel frames received (`inbound.cancels.requested`).
    pub cancels_requested: u64,
    /// Of those, how many stopped a call (`inbound.cancels.honored`).
    pub cancels_honored: u64,
    /// Claim frames received.
    pub claims: u64,
    /// Connection-level error frames that mean nothing here.
    pub ignored_errors: u64,
    /// Announced host:port texts that name no place to dial and are not the usual ways to say so.
    pub odd_host_ports: u64,
    /// Times that reading was stopped by a limit and one call was failed for it.
    pub stalled_calls: u64,
}
