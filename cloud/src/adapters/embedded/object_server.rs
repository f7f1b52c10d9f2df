//! An S3 server in this process, on a free port of the loopback interface, with its objects in a folder.
//! Takes only requests signed with its own credentials, which live no longer than it does.

use std::{
    convert::Infallible,
    fs::{DirBuilder, File},
    io,
    net::Ipv4Addr,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use http::{Method, Request};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

use super::random_text;
use crate::{config::ObjectStore, ports::Random};

/// The name of the one bucket.
const BUCKET: &str = "maneiro";

/// The region that its clients name; it takes any.
const REGION: &str = "us-east-1";

/// How long requests in flight may take once the server is to stop.
const DRAIN: Duration = Duration::from_secs(5);

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ObjectServerError {
    /// The folder or the port could not be had.
    #[error("the embedded object store cannot start on {}", .folder.display())]
    Io {
        /// Where the objects were to lie.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder is not usable for objects.
    #[error("the embedded object store cannot use its folder: {0}")]
    Folder(String),
}

/// A running server. Dropping it stops it.
pub struct ObjectServer {
    endpoint: Url,
    access_key_id: String,
    secret_access_key: SecretString,
    _stop: DropGuard,
}

impl ObjectServer {
    /// Starts a server with its bucket in `folder`, which must exist.
    ///
    /// # Errors
    /// [`ObjectServerError`] if the folder cannot be used or no port be had.
    pub async fn start(folder: &Path, random: &dyn Random) -> Result<Self, ObjectServerError> {
        let io_error = |source| ObjectServerError::Io { folder: folder.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(folder.join(BUCKET)).map_err(io_error)?;
        let files =
            FileSystem::new(folder).map_err(|error| ObjectServerError::Folder(format!("{error:?}")))?;
        let access_key_id = random_text(random).split_off(32);
        let secret_access_key = SecretString::from(random_text(random));
        let service = {
            let mut builder = S3ServiceBuilder::new(files);
            builder
                .set_auth(SimpleAuth::from_single(access_key_id.clone(), secret_access_key.expose_secret()));
            builder.build()
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(io_error)?;
        let address = listener.local_addr().map_err(io_error)?;
        let endpoint = Url::parse(&format!("http://{address}")).expect("a socket address makes an address");
        let stop = CancellationToken::new();
        tokio::spawn(accept(listener, service, folder.to_owned(), stop.clone()));
        Ok(Self { endpoint, access_key_id, secret_access_key, _stop: stop.drop_guard() })
    }

    /// Its address.
    #[must_use]
    pub const fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// How a client gets in.
    #[must_use]
    pub fn settings(&self) -> ObjectStore {
        ObjectStore {
            endpoint: Some(self.endpoint.clone()),
            region: REGION.to_owned(),
            bucket: BUCKET.to_owned(),
            credentials: Some((self.access_key_id.clone(), self.secret_access_key.clone())),
        }
    }
}

async fn accept(listener: TcpListener, service: S3Service, folder: PathBuf, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, service.clone(), folder.clone(), stop.clone()));
                }
                Err(error) => {
                    // Out of file descriptors, most likely: give connections time to end.
                    tracing::warn!(%error, "the embedded object store could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(DRAIN, async { while connections.join_next().await.is_some() {} }).await;
}

async fn serve(stream: TcpStream, service: S3Service, folder: PathBuf, stop: CancellationToken) {
    let answer = service_fn(move |request: Request<Incoming>| {
        let service = service.clone();
        let written =
            (request.method() == Method::PUT).then(|| object_path(&folder, request.uri().path())).flatten();
        async move {
            let answer = match service.call(request.map(s3s::Body::from)).await {
                Ok(answer) => answer,
                Err(error) => {
                    tracing::error!(error = ?error, "the embedded object store failed");
                    let mut answer = http::Response::new(s3s::Body::empty());
                    *answer.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
                    answer
                }
            };
            match written {
                Some(path) if answer.status().is_success() => match write_through(path).await {
                    Ok(()) => Ok::<_, Infallible>(answer),
                    Err(error) => {
                        tracing::error!(%error, "an object did not reach the disk");
                        let mut answer = http::Response::new(s3s::Body::empty());
                        *answer.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
                        Ok(answer)
                    }
                },
                Some(_) | None => Ok(answer),
            }
        }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    let connection =
        http.timer(hyper_util::rt::TokioTimer::new()).serve_connection(TokioIo::new(stream), answer);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the embedded object store broke off");
    }
}

/// Where an object of this path lies. Keys of ours need no decoding; anything else is not ours.
fn object_path(folder: &Path, path: &str) -> Option<PathBuf> {
    let key = path.strip_prefix('/')?;
    let is_plain = key.split('/').all(|part| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    });
    is_plain.then(|| folder.join(key))
}

/// An acknowledged object survives a power cut: the library behind it renames, but does not wait for the disk.
async fn write_through(path: PathBuf) -> io::Result<()> {
    let synced = tokio::task::spawn_blocking(move || {
        File::open(&path)?.sync_all()?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    });
    synced.await.unwrap_or_else(|panic| Err(io::Error::other(panic)))
}
