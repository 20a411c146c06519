//! TLS: whom each side believes, and what handlers see of it.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tchannel_rpc::testing::pattern;
use tchannel_rpc::tokio::tls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tchannel_rpc::tokio::tls::rustls::server::WebPkiClientVerifier;
use tchannel_rpc::tokio::tls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tchannel_rpc::tokio::tls::{self, PeerCertificates, Tls};
use tchannel_rpc::{Builder, Channel, ErrorCode, Phase, Reply, Request};

use crate::block_on;

/// An authority, and what it has signed.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
type Shown = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn sign(&self, name: &str) -> Shown {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec![name.into()]).unwrap().signed_by(&key, &self.0).unwrap();
        (vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        roots
    }
}

fn trusting(authority: &Authority, shown: Option<Shown>) -> Arc<ClientConfig> {
    let builder = ClientConfig::builder().with_root_certificates(authority.roots());
    Arc::new(match shown {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
        None => builder.with_no_client_auth(),
    })
}

async fn server(authority: &Authority, name: &str) -> (Channel, u16) {
    let clients = WebPkiClientVerifier::builder(Arc::new(authority.roots())).allow_unauthenticated();
    let (chain, key) = authority.sign(name);
    let config = ServerConfig::builder()
        .with_client_cert_verifier(clients.build().unwrap())
        .with_single_cert(chain, key)
        .unwrap();
    let builder = tls::builder("server", trusting(authority, None), Some(Arc::new(config)));
    let server = builder.unwrap().build().unwrap();
    server.service("s").unwrap().register("echo", |request: Request| async move {
        let shown = request.connection().identity::<PeerCertificates>();
        let count = shown.map_or(0, |shown| shown.0.len());
        Ok(Reply::ok(count.to_string(), request.body()))
    });
    let at = server.listen("127.0.0.1:0").await.unwrap();
    (server, at.port())
}

#[test]
fn calls_go_over_tls_and_handlers_see_certificates() {
    block_on(async {
        let authority = Authority::new();
        let (server, port) = server(&authority, "localhost").await;
        let shown = authority.sign("a client");
        let client =
            tls::builder("client", trusting(&authority, Some(shown)), None).unwrap().build().unwrap();
        let body = pattern(1 << 20);
        let call = client.call("s", "echo").host(format!("localhost:{port}")).arg3(body.clone());
        let answer = call.clone().send().await.unwrap();
        assert_eq!((&answer.arg2()[..], answer.body()), (&b"1"[..], body));
        let unknown = tls::builder("client", trusting(&authority, None), None).unwrap().build().unwrap();
        let answer = unknown.call("s", "echo").host(format!("localhost:{port}")).send().await.unwrap();
        assert_eq!(&answer.arg2()[..], b"0");
        client.close().await;
        server.close().await;
    });
}

#[test]
fn certificates_for_other_hosts_and_of_other_authorities_are_refused() {
    block_on(async {
        let (authority, other) = (Authority::new(), Authority::new());
        let (_server, port) = server(&authority, "elsewhere").await;
        for trusted in [&authority, &other] {
            let client = tls::builder("client", trusting(trusted, None), None).unwrap().build().unwrap();
            let error = client.call("s", "echo").host(format!("localhost:{port}")).send().await.unwrap_err();
            assert_eq!((error.code(), error.phase()), (ErrorCode::Network, Phase::Connect));
            assert!(error.to_string().contains("certificate"), "{error}");
        }
    });
}

#[test]
fn a_name_of_ones_own_is_what_the_certificate_has_to_be_for() {
    block_on(async {
        let authority = Authority::new();
        let (server, port) = server(&authority, "elsewhere").await;
        for (name, is_right) in [("elsewhere", true), ("localhost", false)] {
            let tls = Tls::current(trusting(&authority, None), None).unwrap();
            let tls = tls.server_name(ServerName::try_from(name).unwrap());
            let client = Builder::new(tls, "client").build().unwrap();
            let answer = client.call("s", "echo").host(format!("localhost:{port}")).send().await;
            assert_eq!(answer.is_ok(), is_right, "{answer:?}");
        }
        server.close().await;
    });
}

#[test]
fn peers_that_speak_no_tls_get_nowhere() {
    block_on(async {
        let authority = Authority::new();
        let (server, port) = server(&authority, "localhost").await;
        let plain = tchannel_rpc::tokio::channel("plain").unwrap();
        let error = plain.call("s", "echo").host(format!("127.0.0.1:{port}")).send().await.unwrap_err();
        assert_eq!(error.phase(), Phase::Handshake, "{error}");
        let client = tls::builder("client", trusting(&authority, None), None).unwrap().build().unwrap();
        assert!(client.call("s", "echo").host(format!("localhost:{port}")).send().await.unwrap().ok());
        server.close().await;
    });
}

#[test]
fn server_without_a_certificate_does_not_listen() {
    block_on(async {
        let authority = Authority::new();
        let client = tls::builder("client", trusting(&authority, None), None).unwrap().build().unwrap();
        let error = client.listen("127.0.0.1:0").await.unwrap_err();
        assert!(error.to_string().contains("no certificate to show"), "{error}");
    });
}
