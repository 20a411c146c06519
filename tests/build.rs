//! Writes the code of the Thrift files that the peers share.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    for name in ["typed", "newer", "older"] {
        tchannel_idl::generate::build(format!("peers/idl/{name}.thrift"))?;
    }
    Ok(())
}
