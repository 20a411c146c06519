//! Messages that are written and read bit by bit, in both directions.

mod call;
mod error;
mod line;
mod reader;
mod writer;

pub use call::{StreamedCall, StreamedResponse};
pub use error::BodyError;
pub(crate) use line::{Line, ReaderEnd, WriterEnd};
pub use reader::BodyReader;
pub use writer::BodyWriter;
