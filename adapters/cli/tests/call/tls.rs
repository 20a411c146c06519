//! TLS: whom it trusts, what it shows, and what it says when that is not enough.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tchannel_rpc::tokio::tls::rustls::pki_types::PrivateKeyDer;
use tchannel_rpc::tokio::tls::rustls::server::WebPkiClientVerifier;
use tchannel_rpc::tokio::tls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tchannel_rpc::tokio::tls::{self, PeerCertificates};
use tchannel_rpc::{Channel, Reply, Request};
use tokio::runtime::Runtime;

use super::idl::directory;
use super::program::{Ran, call};

/// A server for `localhost` that tells how many certificates its caller shows, and files to reach it with.
struct Vault {
    port: u16,
    files: PathBuf,
    channel: Channel,
    runtime: Runtime,
}

impl Vault {
    /// `guarded`: who shows no certificate is not let in.
    fn open(name: &str, guarded: bool) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let sign = |name: &str| {
            let key = KeyPair::generate().unwrap();
            (CertificateParams::new(vec![name.into()]).unwrap().signed_by(&key, &authority).unwrap(), key)
        };
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        let roots = Arc::new(roots);
        let clients = WebPkiClientVerifier::builder(roots.clone());
        let clients = if guarded { clients } else { clients.allow_unauthenticated() };
        let (certificate, key) = sign("localhost");
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let shows = ServerConfig::builder()
            .with_client_cert_verifier(clients.build().unwrap())
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let dials = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let (client, client_key) = sign("the treasurer");
        let files = directory(
            name,
            &[
                ("ca.pem", &authority.pem()),
                ("client.pem", &client.pem()),
                ("key.pem", &client_key.serialize_pem()),
            ],
        );
        let runtime = Runtime::new().unwrap();
        let (channel, port) = runtime.block_on(async {
            let builder = tls::builder("vault", Arc::new(dials), Some(Arc::new(shows))).unwrap();
            let channel = builder.build().unwrap();
            channel.service("vault").unwrap().register("open", |request: Request| async move {
                let shown = request.connection().identity::<PeerCertificates>();
                Ok(Reply::ok("", shown.map_or(0, |shown| shown.0.len()).to_string()))
            });
            let port = channel.listen("127.0.0.1:0").await.unwrap().port();
            (channel, port)
        });
        Vault { port, files, channel, runtime }
    }

    fn file(&self, name: &str) -> String {
        self.files.join(name).to_str().unwrap().into()
    }

    fn call(&self, host: &str, options: &[&str]) -> Ran {
        let at = format!("{host}:{}", self.port);
        call(&at, &[&["vault", "open", "--raw"], options].concat())
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        self.runtime.block_on(self.channel.close());
    }
}

#[test]
fn those_are_trusted_that_an_authority_vouches_for() {
    let vault = Vault::open("vault", false);
    let ca = vault.file("ca.pem");
    let answer = vault.call("localhost", &["--tls", "--cacert", &ca]);
    assert_eq!(answer.expect(0, &[]).value()["body"], "0");
    vault.call("127.0.0.1", &["--tls", "--cacert", &ca]).expect(125, &["certificate", "--servername"]);
    let named = vault.call("127.0.0.1", &["--tls", "--cacert", &ca, "--servername", "localhost"]);
    assert_eq!(named.expect(0, &[]).value()["ok"], true);
    let elsewhere = vault.call("localhost", &["--tls", "--cacert", &ca, "--servername", "elsewhere"]);
    elsewhere.expect(125, &["while connecting", "certificate", "--servername"]);
}

#[test]
fn who_is_not_trusted_is_named_unless_anyone_is() {
    let (vault, other) = (Vault::open("vault-one", false), Vault::open("vault-other", false));
    let ran = vault.call("localhost", &["--tls", "--cacert", &other.file("ca.pem")]);
    ran.expect(125, &["while connecting", "certificate", "--cacert FILE", "--insecure"]);
    assert_eq!(vault.call("127.0.0.1", &["--tls", "--insecure"]).expect(0, &[]).value()["ok"], true);
}

#[test]
fn a_certificate_is_shown_to_who_asks_for_one() {
    let vault = Vault::open("vault-guarded", true);
    let (ca, cert, key) = (vault.file("ca.pem"), vault.file("client.pem"), vault.file("key.pem"));
    let shown = vault.call("localhost", &["--tls", "--cacert", &ca, "--cert", &cert, "--key", &key]);
    assert_eq!(shown.expect(0, &[]).value()["body"], "1");
    vault.call("localhost", &["--tls", "--cacert", &ca]).expect(125, &["CertificateRequired", "--cert FILE"]);
}

#[test]
fn a_port_without_tls_and_one_with_it_are_told_apart() {
    let vault = Vault::open("vault-plain", false);
    vault.call("localhost", &[]).expect(125, &["got TLS", "--tls"]);
    let plain = super::scripted::server(|mut stream| {
        std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        super::scripted::until_closed(stream);
    });
    call(&plain, &["vault", "open", "--raw", "--tls", "--insecure"])
        .expect(125, &["InvalidContentType", "leave out --tls"]);
}

#[test]
fn files_that_hold_nothing_of_use_are_named() {
    let files = directory("vault-empty", &[("empty.pem", "nothing\n")]);
    let empty = files.join("empty.pem");
    let empty = empty.to_str().unwrap();
    let tls = |options: &[&str]| call("localhost:1", &[&["a", "b", "--raw", "--tls"], options].concat());
    tls(&["--cacert", empty]).expect(125, &[empty, "cannot read certificates"]);
    tls(&["--cacert", "/nowhere/at/all"]).expect(125, &["/nowhere/at/all", "cannot read certificates"]);
    tls(&["--insecure", "--cert", empty, "--key", empty]).expect(125, &[empty]);
    tls(&["--insecure", "--servername", "no name"]).expect(125, &["no name that a certificate can be for"]);
}
