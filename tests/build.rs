//! Writes the code of the Thrift files that the peers share, and of those of tests.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    for name in ["peers/idl/typed", "peers/idl/newer", "peers/idl/older", "adapters/words"] {
        tchannel_idl::generate::build(format!("{name}.thrift"))?;
    }
    Ok(())
}
