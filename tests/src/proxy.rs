//! A TCP proxy between the service and a server that can delay, hold or cut the traffic.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

/// What a [`Proxy`] does with the traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traffic {
    /// Responses are delayed by this time.
    Delayed(Duration),
    /// Nothing passes and nothing is lost.
    Held,
    /// Connections are closed.
    Cut,
}

/// A proxy in front of a server. Dropping it cuts all connections.
pub struct Proxy {
    address: SocketAddr,
    traffic: watch::Sender<Traffic>,
    /// Cancelled when the connections of the moment are to be black-holed; then there is another for later ones.
    black_hole: Arc<Mutex<CancellationToken>>,
    target: watch::Sender<SocketAddr>,
    _stop: DropGuard,
}

impl Proxy {
    /// Starts a proxy in front of the server at `target`.
    pub async fn start(target: &Url) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (target, targets) = watch::channel(socket_address(target));
        let (traffic, receiver) = watch::channel(Traffic::Delayed(Duration::ZERO));
        let stop = CancellationToken::new();
        let black_hole = Arc::new(Mutex::new(CancellationToken::new()));
        tokio::spawn(stop.clone().run_until_cancelled_owned(accept_connections(
            listener,
            targets,
            receiver,
            Arc::clone(&black_hole),
            stop.clone(),
        )));
        Self { address, traffic, target, black_hole, _stop: stop.drop_guard() }
    }

    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets nothing pass any more on the open connections, which stay open, as if their server had vanished and another had
    /// taken its address.
    pub fn black_hole_open_connections(&self) {
        let mut black_hole = self.black_hole.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *black_hole).cancel();
    }

    #[must_use]
    pub fn url(&self) -> Url {
        Url::parse(&format!("http://{}", self.address)).expect("an address makes a URL")
    }

    /// Sends new connections to another server.
    pub fn set_target(&self, target: &Url) {
        self.target.send_replace(socket_address(target));
    }

    /// Changes the traffic, also of open connections.
    pub fn set_traffic(&self, traffic: Traffic) {
        self.traffic.send_replace(traffic);
    }
}

fn socket_address(url: &Url) -> SocketAddr {
    url.socket_addrs(|| None).expect("a server of this machine")[0]
}

async fn accept_connections(
    listener: TcpListener,
    targets: watch::Receiver<SocketAddr>,
    traffic: watch::Receiver<Traffic>,
    black_hole: Arc<Mutex<CancellationToken>>,
    stop: CancellationToken,
) {
    while let Ok((client, _)) = listener.accept().await {
        let traffic = traffic.clone();
        let black_hole = black_hole.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let target = *targets.borrow();
        tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
            let Ok(server) = TcpStream::connect(target).await else { return };
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            let both = async {
                tokio::select! {
                    () = forward(from_client, to_server, traffic.clone(), false) => {}
                    () = forward(from_server, to_client, traffic.clone(), true) => {}
                }
            };
            let mut both = std::pin::pin!(both);
            tokio::select! {
                biased;
                () = wait_until_cut(traffic.clone()) => {}
                // The halves of the connection stay where they are, and nobody moves what arrives.
                () = black_hole.cancelled() => std::future::pending().await,
                () = &mut both => {}
            }
        }));
    }
}

async fn forward(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut traffic: watch::Receiver<Traffic>,
    is_response: bool,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let Ok(now) = traffic.wait_for(|traffic| *traffic != Traffic::Held).await.map(|now| *now) else {
            return;
        };
        match now {
            Traffic::Delayed(by) if is_response => tokio::time::sleep(by).await,
            Traffic::Delayed(_) | Traffic::Held => {}
            Traffic::Cut => return,
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

async fn wait_until_cut(mut traffic: watch::Receiver<Traffic>) {
    if traffic.wait_for(|traffic| *traffic == Traffic::Cut).await.is_err() {
        std::future::pending::<()>().await;
    }
}
