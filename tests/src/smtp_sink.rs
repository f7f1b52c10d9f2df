//! A mail server of this machine that keeps what it is sent: it speaks SMTP (RFC 5321) with STARTTLS (RFC 3207), TLS from the
//! start (RFC 8314) or neither, and answers as the test says.

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};
use tokio_util::sync::{CancellationToken, DropGuard};

/// How the server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SinkTls {
    /// From the start.
    Implicit,
    /// Offers STARTTLS.
    StartTls,
    /// Not at all.
    None,
}

/// A mail as the server took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMail {
    pub from: String,
    pub to: String,
    /// Headers and body.
    pub message: String,
    /// User and password, if the client gave them, as `\0user\0password` in Base64.
    pub authentication: Option<String>,
    pub was_encrypted: bool,
}

#[derive(Default)]
struct SinkState {
    received: Vec<ReceivedMail>,
    /// Answers to the next mails instead of taking them.
    refusals: Vec<&'static str>,
    connections: u32,
}

/// A running mail server. Dropping it stops it.
pub struct SmtpSink {
    pub port: u16,
    state: Arc<Mutex<SinkState>>,
    _stop: DropGuard,
}

/// A certificate authority and a certificate of `localhost` that it signed.
struct Certificates {
    authority_pem: String,
    config: Arc<ServerConfig>,
}

impl Certificates {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key"))
            .expect("an authority signs itself");
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(vec!["localhost".to_owned()])
            .expect("a name")
            .signed_by(&key, &authority)
            .expect("the authority signs");
        let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider knows TLS 1.3")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("the key is the certificate's");
        Self { authority_pem: authority.pem(), config: Arc::new(config) }
    }
}

impl SmtpSink {
    /// Starts a server. Its certificate's authority is written to `folder`, see [`authority_file`].
    pub async fn start(tls: SinkTls, folder: &Path) -> Self {
        let certificates = Certificates::new();
        std::fs::write(authority_file(folder), &certificates.authority_pem)
            .expect("the test's folder can be written");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let state = Arc::new(Mutex::new(SinkState::default()));
        let stop = CancellationToken::new();
        let accepting = accept(listener, tls, certificates.config, Arc::clone(&state));
        tokio::spawn(stop.clone().run_until_cancelled_owned(accepting));
        Self { port, state, _stop: stop.drop_guard() }
    }

    /// Answers the next mails with these lines instead of taking them, one line each.
    pub fn refuse_next(&self, answers: &[&'static str]) {
        lock(&self.state).refusals.extend(answers);
    }

    /// The mails that were taken, in order.
    #[must_use]
    pub fn received(&self) -> Vec<ReceivedMail> {
        lock(&self.state).received.clone()
    }

    /// How many connections were made.
    #[must_use]
    pub fn connections(&self) -> u32 {
        lock(&self.state).connections
    }
}

/// The certificate of the authority, PEM.
#[must_use]
pub fn authority_file(folder: &Path) -> PathBuf {
    folder.join("authority.pem")
}

fn lock(state: &Mutex<SinkState>) -> std::sync::MutexGuard<'_, SinkState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(
    listener: TcpListener,
    tls: SinkTls,
    config: Arc<ServerConfig>,
    state: Arc<Mutex<SinkState>>,
) {
    let acceptor = TlsAcceptor::from(config);
    while let Ok((stream, _)) = listener.accept().await {
        lock(&state).connections += 1;
        let (acceptor, state) = (acceptor.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            // The client may go away at any point, which ends the conversation.
            let _ended = serve(stream, tls, acceptor, state).await;
        });
    }
}

async fn serve(
    stream: TcpStream,
    tls: SinkTls,
    acceptor: TlsAcceptor,
    state: Arc<Mutex<SinkState>>,
) -> std::io::Result<()> {
    if tls == SinkTls::Implicit {
        let mut stream = BufReader::new(acceptor.accept(stream).await?);
        stream.write_all(b"220 sink\r\n").await?;
        return talk(&mut stream, false, true, &state).await.map(drop);
    }
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink\r\n").await?;
    if talk(&mut stream, tls == SinkTls::StartTls, false, &state).await? == TalkEnd::StartTls {
        let mut stream = BufReader::new(acceptor.accept(stream.into_inner()).await?);
        talk(&mut stream, false, true, &state).await?;
    }
    Ok(())
}

#[derive(PartialEq, Eq)]
enum TalkEnd {
    Quit,
    StartTls,
}

async fn talk<S>(
    stream: &mut BufReader<S>,
    offers_tls: bool,
    is_encrypted: bool,
    state: &Mutex<SinkState>,
) -> std::io::Result<TalkEnd>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut from, mut to, mut authentication) = (String::new(), String::new(), None);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(TalkEnd::Quit);
        }
        let line = line.trim_end();
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let answer = match verb.to_ascii_uppercase().as_str() {
            "EHLO" if offers_tls => "250-sink\r\n250-STARTTLS\r\n250 AUTH PLAIN",
            "EHLO" => "250-sink\r\n250 AUTH PLAIN",
            "STARTTLS" if offers_tls => {
                stream.write_all(b"220 begin\r\n").await?;
                return Ok(TalkEnd::StartTls);
            }
            "AUTH" => {
                authentication = rest.strip_prefix("PLAIN ").map(str::to_owned);
                "235 welcome"
            }
            "MAIL" => {
                from = address(rest);
                "250 ok"
            }
            "RCPT" => {
                to = address(rest);
                "250 ok"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let message = read_message(stream).await?;
                let mut state = lock(state);
                if state.refusals.is_empty() {
                    let (from, to) = (from.clone(), to.clone());
                    let authentication = authentication.clone();
                    let was_encrypted = is_encrypted;
                    state.received.push(ReceivedMail { from, to, message, authentication, was_encrypted });
                    "250 taken"
                } else {
                    state.refusals.remove(0)
                }
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(TalkEnd::Quit);
            }
            "RSET" | "NOOP" => "250 ok",
            _ => "502 unknown command",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// The address in `FROM:<..>` or `TO:<..>`.
fn address(argument: &str) -> String {
    argument.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}

async fn read_message<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> std::io::Result<String> {
    let mut message = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(message);
        }
        message.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
