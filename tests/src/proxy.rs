//! Stands between the service and a server, and can slow down, hold back or cut what passes.

use std::{
    net::{Ipv4Addr, SocketAddr},
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

/// What a [`Proxy`] does with what passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traffic {
    /// Answers come this much later.
    Delayed(Duration),
    /// Nothing passes, nothing is lost.
    Held,
    /// Connections break off.
    Cut,
}

/// A server's stand-in at another port. Dropping it cuts every connection.
pub struct Proxy {
    address: SocketAddr,
    traffic: watch::Sender<Traffic>,
    _stop: DropGuard,
}

impl Proxy {
    /// Stands before the server at `target`.
    pub async fn before(target: &Url) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let target = target.socket_addrs(|| None).expect("a server of this machine")[0];
        let (traffic, passing) = watch::channel(Traffic::Delayed(Duration::ZERO));
        let stop = CancellationToken::new();
        tokio::spawn(stop.clone().run_until_cancelled_owned(accept(listener, target, passing, stop.clone())));
        Self { address, traffic, _stop: stop.drop_guard() }
    }

    /// Where it stands.
    #[must_use]
    pub fn url(&self) -> Url {
        Url::parse(&format!("http://{}", self.address)).expect("an address makes a URL")
    }

    /// Changes what it does, also with what is on its way.
    pub fn set(&self, traffic: Traffic) {
        self.traffic.send_replace(traffic);
    }
}

async fn accept(
    listener: TcpListener,
    target: SocketAddr,
    traffic: watch::Receiver<Traffic>,
    stop: CancellationToken,
) {
    while let Ok((client, _)) = listener.accept().await {
        let traffic = traffic.clone();
        tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
            let Ok(server) = TcpStream::connect(target).await else { return };
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            tokio::select! {
                () = relay(from_client, to_server, traffic.clone(), false) => {}
                () = relay(from_server, to_client, traffic.clone(), true) => {}
                () = cut(traffic) => {}
            }
        }));
    }
}

async fn relay(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut traffic: watch::Receiver<Traffic>,
    is_answer: bool,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let Ok(now) = traffic.wait_for(|traffic| *traffic != Traffic::Held).await.map(|now| *now) else {
            return;
        };
        match now {
            Traffic::Delayed(by) if is_answer => tokio::time::sleep(by).await,
            Traffic::Delayed(_) | Traffic::Held => {}
            Traffic::Cut => return,
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

async fn cut(mut traffic: watch::Receiver<Traffic>) {
    if traffic.wait_for(|traffic| *traffic == Traffic::Cut).await.is_err() {
        std::future::pending::<()>().await;
    }
}
