//! Counts the round trips between the service and PostgreSQL on the wire, whatever the driver makes of a query.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

/// The message with which the server ends its answer (PostgreSQL, "Message Formats").
const READY_FOR_QUERY: u8 = b'Z';

/// A proxy in front of PostgreSQL that counts. Dropping it cuts all connections.
pub struct RoundTripCounter {
    address: SocketAddr,
    count: Arc<AtomicU64>,
    _stop: DropGuard,
}

impl RoundTripCounter {
    /// Starts one in front of the server of a database URL without encryption.
    pub async fn start(database: &SecretString) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let url = Url::parse(database.expose_secret()).expect("a database has a URL");
        let target = url.socket_addrs(|| None).expect("a server of this machine")[0];
        let (count, stop) = (Arc::new(AtomicU64::new(0)), CancellationToken::new());
        let counted = Arc::clone(&count);
        tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(forward(client, target, Arc::clone(&counted)));
            }
        }));
        Self { address, count, _stop: stop.drop_guard() }
    }

    /// The URL of the database behind it.
    #[must_use]
    pub fn url(&self, database: &SecretString) -> SecretString {
        at_address(database, self.address)
    }

    #[must_use]
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }
}

/// The URL of a database by way of another address.
#[must_use]
pub fn at_address(database: &SecretString, address: SocketAddr) -> SecretString {
    let mut url = Url::parse(database.expose_secret()).expect("a database has a URL");
    url.set_ip_host(address.ip()).expect("the URL has a host");
    url.set_port(Some(address.port())).expect("the URL has a port");
    String::from(url).into()
}

async fn forward(client: TcpStream, target: SocketAddr, count: Arc<AtomicU64>) {
    let Ok(server) = TcpStream::connect(target).await else { return };
    let (mut from_client, to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    tokio::select! {
        _ = tokio::io::copy(&mut from_client, &mut to_server) => {}
        _ = forward_answers(from_server, to_client, count) => {}
    }
}

async fn forward_answers(
    from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    count: Arc<AtomicU64>,
) -> std::io::Result<()> {
    let mut from = BufReader::new(from);
    loop {
        // Every message of the server has its type and its length, which counts itself.
        let kind = from.read_u8().await?;
        let length = from.read_u32().await?;
        let mut message = vec![0; length.saturating_sub(4) as usize];
        from.read_exact(&mut message).await?;
        if kind == READY_FOR_QUERY {
            count.fetch_add(1, Ordering::SeqCst);
        }
        to.write_all(&[&[kind][..], &length.to_be_bytes(), &message].concat()).await?;
    }
}
