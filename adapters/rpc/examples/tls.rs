//! A server and a client over TLS, each with a certificate: the handler knows who calls.
//!
//! ```text
//! cargo run --example tls --features tls
//! ```
//!
//! The authority that both trust is made up on the spot; real ones read theirs from files.

use std::error::Error;
use std::io::{self, Write};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tchannel_rpc::tokio::tls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tchannel_rpc::tokio::tls::rustls::server::WebPkiClientVerifier;
use tchannel_rpc::tokio::tls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tchannel_rpc::tokio::tls::{self, PeerCertificates};
use tchannel_rpc::{Reject, Reply, Request};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let authority = Authority::new()?;
    let roots = Arc::new(authority.roots()?);

    let (chain, key) = authority.sign("localhost")?;
    let shows = ServerConfig::builder()
        .with_client_cert_verifier(WebPkiClientVerifier::builder(roots.clone()).build()?)
        .with_single_cert(chain, key)?;
    let dials_nobody = ClientConfig::builder().with_root_certificates(roots.clone()).with_no_client_auth();
    let server = tls::builder("vault", Arc::new(dials_nobody), Some(Arc::new(shows)))?.build()?;
    server.service("vault")?.register("open", open);
    let at = server.listen("127.0.0.1:0").await?;

    let (chain, key) = authority.sign("the treasurer")?;
    let trusts = ClientConfig::builder().with_root_certificates(roots).with_client_auth_cert(chain, key)?;
    let client = tls::builder("visitor", Arc::new(trusts), None)?.build()?;
    // The certificate has to be for the name that is dialled.
    let answer = client.call("vault", "open").host(format!("localhost:{}", at.port())).send().await?;
    writeln!(io::stdout(), "{}", String::from_utf8_lossy(&answer.body()))?;
    client.close().await;
    server.close().await;
    Ok(())
}

async fn open(request: Request) -> Result<Reply, Reject> {
    let shown = request.connection().identity::<PeerCertificates>();
    Ok(match shown {
        Some(shown) => Reply::ok("", format!("welcome, bearer of {} certificate", shown.0.len())),
        None => Reply::not_ok("", "who are you?"),
    })
}

/// Signs certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Ok(Authority(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?))
    }

    fn roots(&self) -> Result<RootCertStore, Box<dyn Error>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone())?;
        Ok(roots)
    }

    fn sign(
        &self,
        name: &str,
    ) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Box<dyn Error>> {
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(vec![name.into()])?.signed_by(&key, &self.0)?;
        Ok((vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der())?))
    }
}
