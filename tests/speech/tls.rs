//! Engines by TLS: a server is believed if its certificate is right, and told nothing if it is not.

use crate::{
    room::{Outcome, Room, outcome},
    server::{Server, Stream, sound},
};
use openssl::{
    asn1::Asn1Time,
    bn::{BigNum, MsbOption},
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Private},
    ssl::{SslAcceptor, SslMethod},
    x509::{
        X509, X509Builder, X509NameBuilder,
        extension::{BasicConstraints, KeyUsage, SubjectAlternativeName},
    },
};

const KEY: &str = "s3cret-key";

/// A certificate and its key.
struct Identity {
    certificate: X509,
    key: PKey<Private>,
}

impl Identity {
    /// An authority of our own.
    fn authority(name: &str) -> Self {
        let (mut builder, key) = begun(name, 30);
        let constraints = BasicConstraints::new().critical().ca().build().unwrap();
        builder.append_extension(constraints).unwrap();
        let usage = KeyUsage::new().critical().key_cert_sign().build().unwrap();
        builder.append_extension(usage).unwrap();
        let own = builder_name(name);
        builder.set_issuer_name(&own).unwrap();
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        Self { certificate: builder.build(), key }
    }

    /// A server at this address, signed by this authority; it is good for so many days from yesterday.
    fn server(&self, address: &str, days: u32) -> Self {
        let (mut builder, key) = begun("engine", days);
        builder.set_issuer_name(self.certificate.subject_name()).unwrap();
        let mut names = SubjectAlternativeName::new();
        let names = names.ip(address).build(&builder.x509v3_context(Some(&self.certificate), None));
        builder.append_extension(names.unwrap()).unwrap();
        builder.sign(&self.key, MessageDigest::sha256()).unwrap();
        Self { certificate: builder.build(), key }
    }

    /// An engine that shows this certificate.
    fn engine(&self) -> Server {
        let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
        acceptor.set_certificate(&self.certificate).unwrap();
        acceptor.set_private_key(&self.key).unwrap();
        let acceptor = acceptor.build();
        Server::start_with(vec![sound()], move |stream| {
            acceptor.accept(stream).ok().map(|stream| Box::new(stream) as Box<dyn Stream>)
        })
    }
}

fn builder_name(name: &str) -> openssl::x509::X509Name {
    let mut builder = X509NameBuilder::new().unwrap();
    builder.append_entry_by_nid(Nid::COMMONNAME, name).unwrap();
    builder.build()
}

fn begun(name: &str, days: u32) -> (X509Builder, PKey<Private>) {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let mut serial = BigNum::new().unwrap();
    serial.rand(120, MsbOption::MAYBE_ZERO, false).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&builder_name(name)).unwrap();
    builder.set_pubkey(&key).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let yesterday = i64::try_from(now.as_secs()).unwrap() - 86_400;
    builder.set_not_before(&Asn1Time::from_unix(yesterday).unwrap()).unwrap();
    let end = yesterday + i64::from(days) * 86_400;
    builder.set_not_after(&Asn1Time::from_unix(end).unwrap()).unwrap();
    (builder, key)
}

/// A scenario that asks a server by TLS; `more` are further settings of `http`.
fn room(server: &Server, more: &str) -> Room {
    let tts = format!(
        "tts:\n  engine: http\n  timeout_s: 4\n  http:\n    url: https://{}/speak\n    headers: {{ \
         Authorization: 'Bearer {{{{ keys.api }}}}' }}\n    json: {{ input: '{{{{ text }}}}' }}\n    keys: {{ \
         api: {{ env: SPEECH_KEY }} }}\n    retries: 3\n{more}",
        server.address
    );
    Room::new(&tts, &[("notice", "{ text: 请稍后 }")])
}

fn pem(identity: &Identity) -> String {
    String::from_utf8(identity.certificate.to_pem().unwrap()).unwrap()
}

fn build(room: &Room, authorities: Option<&str>) -> Outcome {
    let mut command = room.command(&[]);
    command.env("SPEECH_KEY", KEY).env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR");
    if let Some(file) = authorities {
        command.env("SSL_CERT_FILE", room.path(file));
    }
    outcome(&mut command)
}

const OWN: &str = "    ca_file: own.pem\n";

#[test]
fn a_server_that_our_authority_signed_is_asked() {
    let authority = Identity::authority("our authority");
    for (more, file) in [(OWN, None), ("", Some("own.pem"))] {
        let server = authority.server("127.0.0.1", 30).engine();
        let room = room(&server, more);
        room.write("own.pem", &pem(&authority));
        let found = build(&room, file);
        assert_eq!(found.code, 0, "{found:?}");
        let received = server.received();
        assert_eq!(received.len(), 1);
        assert!(received[0].headers.contains(&format!("authorization: Bearer {KEY}")));
        assert!(received[0].body.contains("请稍后"), "{received:?}");
        assert_eq!(room.prompts().len(), 1);
    }
}

/// What is said of a server with this certificate, which is told nothing and asked once.
#[track_caller]
fn refused(server: &Identity, authority: &Identity, more: &str, file: Option<&str>, why: &str) {
    let server = server.engine();
    let room = room(&server, more);
    room.write("own.pem", &pem(authority));
    let found = build(&room, file);
    assert_eq!(found.code, 5, "{found:?}");
    let expected = format!("speech: the certificate of {} is not accepted: {why}", server.address);
    assert!(found.err.contains(&expected), "`{expected}` is not in {}", found.err);
    assert!(found.err.contains("see `ca_file` of `http` in `tts`"), "{found:?}");
    assert!(!found.err.contains(KEY), "{found:?}");
    assert_eq!((server.received().len(), server.connections()), (0, 1), "nothing is told");
    assert!(!room.path("out").exists());
}

#[test]
fn a_server_that_shows_a_wrong_certificate_is_told_nothing() {
    let (ours, other) = (Identity::authority("our authority"), Identity::authority("another"));
    let good = ours.server("127.0.0.1", 30);
    let unknown = "unable to get local issuer certificate";
    refused(&good, &ours, "", None, unknown);
    refused(&good, &other, OWN, None, unknown);
    refused(&good, &other, "", Some("own.pem"), unknown);
    refused(&good, &other, OWN, Some("own.pem"), unknown);
    refused(&ours.server("192.0.2.1", 30), &ours, OWN, None, "IP address mismatch");
    refused(&ours.server("127.0.0.1", 0), &ours, OWN, None, "certificate has expired");
    refused(&ours, &other, OWN, None, "self");
}

#[test]
fn authorities_that_cannot_be_read_are_said_before_anybody_is_asked() {
    let server = Identity::authority("our authority").server("127.0.0.1", 30).engine();
    for contents in [None, Some(""), Some("-----BEGIN CERTIFICATE-----\nAAAA\n")] {
        let room = room(&server, OWN);
        if let Some(contents) = contents {
            room.write("own.pem", contents);
        }
        let found = build(&room, None);
        assert_eq!(found.code, 3, "{found:?}");
        assert!(found.err.contains("TLS cannot be set up with "), "{found:?}");
        assert!(found.err.contains("own.pem: "), "{found:?}");
    }
    assert_eq!(server.connections(), 0);
}
