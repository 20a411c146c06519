//! Messages that are written and read bit by bit, in both directions.

mod arg3;
mod call;
mod error;
mod line;
mod reader;
mod writer;

pub use arg3::{Arg3Reader, Arg3Writer};
pub use call::{StreamedCall, StreamedResponse};
pub use error::BodyError;
pub(crate) use line::{Line, ReaderEnd, WriterEnd};
pub use reader::BodyReader;
pub use writer::BodyWriter;
