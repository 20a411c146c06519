//! TLS towards peers: whom to trust, and what to show.

mod anyone;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use tchannel_rpc::tokio::tls::rustls::crypto::ring;
use tchannel_rpc::tokio::tls::rustls::pki_types::pem::PemObject;
use tchannel_rpc::tokio::tls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tchannel_rpc::tokio::tls::rustls::{ClientConfig, RootCertStore};

use crate::exit::Failure;
use anyone::Anyone;

/// Options of TLS. All but `--tls` itself make no sense without it.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "TLS")]
pub(crate) struct TlsOptions {
    /// Speaks TLS. Peers need a certificate for the host that `-p` names.
    #[arg(long)]
    tls: bool,
    /// File of certificates (PEM) of the authorities to trust, instead of those that the system trusts.
    #[arg(long, value_name = "FILE", requires = "tls")]
    cacert: Option<PathBuf>,
    /// File of a certificate (PEM) to show to peers that ask for one, and of those that vouch for it.
    #[arg(long, value_name = "FILE", requires_all = ["tls", "key"])]
    cert: Option<PathBuf>,
    /// File of the certificate's private key (PEM).
    #[arg(long, value_name = "FILE", requires_all = ["tls", "cert"])]
    key: Option<PathBuf>,
    /// Name that the peer's certificate has to be for, instead of the host that `-p` names.
    #[arg(long, value_name = "NAME", requires = "tls")]
    servername: Option<String>,
    /// Takes any certificate: who listens in the middle is not noticed.
    #[arg(long, requires = "tls", conflicts_with = "cacert")]
    insecure: bool,
}

/// Whom to trust and what to show, and the name that the peer's certificate has to be for.
pub(crate) type Trust = (Arc<ClientConfig>, Option<ServerName<'static>>);

impl TlsOptions {
    pub(super) fn is_on(&self) -> bool {
        self.tls
    }

    /// What they come to, their files read; `None` without TLS.
    pub(super) fn read(&self) -> Result<Option<Trust>, Failure> {
        if !self.tls {
            return Ok(None);
        }
        let server_name = self.servername.as_deref().map(server_name).transpose()?;
        Ok(Some((Arc::new(self.client()?), server_name)))
    }

    fn client(&self) -> Result<ClientConfig, Failure> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::local(error.to_string()))?;
        let builder = if self.insecure {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Anyone::new(provider)))
        } else {
            builder.with_root_certificates(self.roots()?)
        };
        match (&self.cert, &self.key) {
            (Some(cert), Some(key)) => {
                builder.with_client_auth_cert(certificates(cert)?, private_key(key)?).map_err(|error| {
                    Failure::local(format!("{} and {}: {error}", cert.display(), key.display()))
                })
            }
            (_, _) => Ok(builder.with_no_client_auth()),
        }
    }

    fn roots(&self) -> Result<RootCertStore, Failure> {
        let mut roots = RootCertStore::empty();
        if let Some(file) = &self.cacert {
            for certificate in certificates(file)? {
                roots
                    .add(certificate)
                    .map_err(|error| Failure::local(format!("{}: {error}", file.display())))?;
            }
            return Ok(roots);
        }
        // Systems have old certificates among theirs that no longer can be read: those that can are enough.
        let _unreadable = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(Failure::local(
                "the system trusts no certificate authority: name one with --cacert FILE",
            ));
        }
        Ok(roots)
    }
}

pub(crate) fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Failure::local(format!("cannot read certificates from {}: {error}", file.display()))
    };
    let read = CertificateDer::pem_file_iter(file).map_err(|error| unreadable(&error))?;
    let found = read.collect::<Result<Vec<_>, _>>().map_err(|error| unreadable(&error))?;
    if found.is_empty() { Err(unreadable(&"there is none in it, in PEM")) } else { Ok(found) }
}

pub(crate) fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, Failure> {
    PrivateKeyDer::from_pem_file(file).map_err(|error| {
        Failure::local(format!("cannot read a private key from {}: {error}", file.display()))
    })
}

fn server_name(name: &str) -> Result<ServerName<'static>, Failure> {
    ServerName::try_from(name.to_owned())
        .map_err(|_| Failure::local(format!("{name:?} is no name that a certificate can be for")))
}
