//! What a server over TLS shows to those who dial it.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tchannel_rpc::tokio::tls::rustls::crypto::ring;
use tchannel_rpc::tokio::tls::rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::exit::Failure;
use crate::reach::{certificates, private_key};

#[derive(Args)]
#[command(next_help_heading = "TLS")]
pub(super) struct Shown {
    /// Serves over TLS only.
    #[arg(long, requires_all = ["cert", "key"])]
    tls: bool,
    /// File of the server's certificate (PEM), and of those that vouch for it.
    #[arg(long, value_name = "FILE", requires = "tls")]
    cert: Option<PathBuf>,
    /// File of the certificate's private key (PEM).
    #[arg(long, value_name = "FILE", requires = "tls")]
    key: Option<PathBuf>,
}

impl Shown {
    /// What they come to, their files read; `None` without TLS.
    pub(super) fn read(&self) -> Result<Option<Arc<ServerConfig>>, Failure> {
        let (Some(cert), Some(key)) = (&self.cert, &self.key) else { return Ok(None) };
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::local(error.to_string()))?
            .with_no_client_auth();
        let config = builder.with_single_cert(certificates(cert)?, private_key(key)?);
        let unfit = |error| Failure::local(format!("{} and {}: {error}", cert.display(), key.display()));
        Ok(Some(Arc::new(config.map_err(unfit)?)))
    }
}

/// Of a server that dials nobody.
pub(super) fn trusting_nobody() -> Result<Arc<ClientConfig>, Failure> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::local(error.to_string()))?;
    Ok(Arc::new(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth()))
}
