//! The reference implementations, where the interop tests have installed them.

use std::path::Path;

use crate::process::Programs;

/// Those that are there.
pub(crate) fn all(installed: &Path) -> Vec<(String, Programs)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let word = |path: &Path| path.display().to_string();
    let script = |path: &str| word(&here.join(path));
    let mut all = Vec::new();
    let modules = installed.join("node/node_modules");
    if modules.exists() {
        let node = || vec!["env".to_owned(), format!("NODE_PATH={}", word(&modules)), "node".to_owned()];
        let server = [node(), vec![script("../peers/node/server.js")]].concat();
        let client = [node(), vec![script("clients/node.js")]].concat();
        all.push(("tchannel-node".to_owned(), Programs { server, client }));
    }
    let python = installed.join("python/venv/bin/python");
    if python.exists() {
        let server = vec![word(&python), script("../peers/python/server.py")];
        let client = vec![word(&python), script("clients/python.py")];
        all.push(("tchannel-python".to_owned(), Programs { server, client }));
    }
    if all.len() < 2 {
        eprintln!("not all reference peers are in {}: the interop tests install them", installed.display());
    }
    all
}
