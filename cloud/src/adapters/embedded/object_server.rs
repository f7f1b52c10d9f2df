//! An S3 server in this process, on a free port of the loopback interface, with its objects in a folder. Accepts only
//! requests that are signed with its own credentials, which live no longer than it does.

use std::{
    convert::Infallible,
    fs::{DirBuilder, File},
    io,
    net::Ipv4Addr,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Poll, ready},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::{StreamExt as _, stream};
use http::{Method, Request, Response, StatusCode};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use s3s::{
    Body, S3,
    auth::SimpleAuth,
    dto::StreamingBlob,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

use super::credentials::random_password;
use crate::{config::ObjectStoreConfig, ports::Random};

/// The name of the one bucket.
const BUCKET: &str = "maneiro";

/// The region that its clients use; it accepts any.
const REGION: &str = "us-east-1";

/// How long requests in flight may take once the server is to stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ObjectServerError {
    #[error("the embedded object store cannot start on {}", .folder.display())]
    Io { folder: PathBuf, source: io::Error },
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
    /// [`ObjectServerError`] if the folder cannot be used or no port is free.
    pub async fn start(folder: &Path, random: &dyn Random) -> Result<Self, ObjectServerError> {
        let io_error = |source| ObjectServerError::Io { folder: folder.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(folder.join(BUCKET)).map_err(io_error)?;
        let files =
            FileSystem::new(folder).map_err(|error| ObjectServerError::Folder(format!("{error:?}")))?;
        Self::serve(files, Some(folder), random).await.map_err(io_error)
    }

    /// Serves any implementation of S3. What is stored in `synced`, if it is in a folder, survives a power cut.
    pub(crate) async fn serve(s3: impl S3, synced: Option<&Path>, random: &dyn Random) -> io::Result<Self> {
        let access_key_id = random_password(random).split_off(32);
        let secret_access_key = SecretString::from(random_password(random));
        let service = {
            let mut builder = S3ServiceBuilder::new(s3);
            builder
                .set_auth(SimpleAuth::from_single(access_key_id.clone(), secret_access_key.expose_secret()));
            builder.build()
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let endpoint = Url::parse(&format!("http://{address}")).expect("a socket address makes a URL");
        let stop = CancellationToken::new();
        tokio::spawn(accept(listener, service, synced.map(Path::to_owned), stop.clone()));
        Ok(Self { endpoint, access_key_id, secret_access_key, _stop: stop.drop_guard() })
    }

    #[must_use]
    pub const fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// The settings of its clients.
    #[must_use]
    pub fn client_config(&self) -> ObjectStoreConfig {
        ObjectStoreConfig {
            endpoint: Some(self.endpoint.clone()),
            region: REGION.to_owned(),
            bucket: BUCKET.to_owned(),
            credentials: Some((self.access_key_id.clone(), self.secret_access_key.clone())),
        }
    }
}

async fn accept(listener: TcpListener, service: S3Service, folder: Option<PathBuf>, stop: CancellationToken) {
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
                    // Most likely there are no free file descriptors: wait for connections to end.
                    tracing::warn!(%error, "the embedded object store could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    drop(listener);
    let _ =
        tokio::time::timeout(DRAIN_TIMEOUT, async { while connections.join_next().await.is_some() {} }).await;
}

async fn serve(stream: TcpStream, service: S3Service, folder: Option<PathBuf>, stop: CancellationToken) {
    let handler = service_fn(move |request: Request<Incoming>| {
        let service = service.clone();
        let written_object = folder
            .as_deref()
            .filter(|_| request.method() == Method::PUT)
            .and_then(|folder| object_path(folder, request.uri().path()));
        async move {
            let (request, is_other_content) = check_content(request);
            let response = match service.call(request).await {
                Ok(_) if is_other_content.load(Ordering::Relaxed) => empty_response(StatusCode::BAD_REQUEST),
                Ok(response) => response,
                Err(error) => {
                    tracing::error!(error = ?error, "the embedded object store failed");
                    empty_response(StatusCode::INTERNAL_SERVER_ERROR)
                }
            };
            match written_object {
                Some(path) if response.status().is_success() => match sync_to_disk(path).await {
                    Ok(()) => Ok::<_, Infallible>(response),
                    Err(error) => {
                        tracing::error!(%error, "an object could not be synced to the disk");
                        Ok(empty_response(StatusCode::INTERNAL_SERVER_ERROR))
                    }
                },
                Some(_) | None => Ok(response),
            }
        }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    let connection =
        http.timer(hyper_util::rt::TokioTimer::new()).serve_connection(TokioIo::new(stream), handler);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the embedded object store broke");
    }
}

fn empty_response(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// A request whose body ends in an error, and whether it did, if its SHA-256 is not the announced one. The file system
/// compares them only after the content is in its place.
fn check_content(request: Request<Incoming>) -> (Request<Body>, Arc<AtomicBool>) {
    let is_other = Arc::new(AtomicBool::new(false));
    let announced = request.headers().get("x-amz-checksum-sha256").map(|text| STANDARD.decode(text));
    let request = request.map(Body::from);
    let Some(announced) = announced else { return (request, is_other) };
    let (announced, mut digest) = (announced.unwrap_or_default(), Sha256::new());
    let is_found = Arc::clone(&is_other);
    let checked = request.map(|body| {
        let mut content = StreamingBlob::from(body);
        let content = stream::poll_fn(move |context| {
            Poll::Ready(match ready!(content.poll_next_unpin(context)) {
                Some(Ok(bytes)) => {
                    digest.update(&bytes);
                    Some(Ok(bytes))
                }
                Some(Err(error)) => Some(Err(io::Error::other(error))),
                None if digest.finalize_reset().as_slice() == announced => None,
                None => {
                    is_found.store(true, Ordering::Relaxed);
                    Some(Err(io::Error::other("the content is not the announced one")))
                }
            })
        });
        Body::from(StreamingBlob::wrap(content.fuse()))
    });
    (checked, is_other)
}

/// The file of an object with this URL path. The service's own keys need no decoding; other paths have no file.
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

/// Makes an object survive a power cut: the server renames its file, but does not sync it.
async fn sync_to_disk(path: PathBuf) -> io::Result<()> {
    let synced = tokio::task::spawn_blocking(move || {
        File::open(&path)?.sync_all()?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    });
    synced.await.unwrap_or_else(|panic| Err(io::Error::other(panic)))
}
