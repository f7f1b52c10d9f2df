//! Reads server-sent events from a response, each up to a limit.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use eventsource_stream::{Event, EventStreamError, Eventsource as _};
use futures::{Stream, StreamExt as _};

use super::error::ClientError;

/// The largest event that is read; a job is far smaller.
const MAX_EVENT_BYTES: usize = 1024 * 1024;

/// The events in a stream of bytes, however the bytes are split.
///
/// # Errors
/// `Unreachable` if the connection fails; `InvalidResponse` if an event is not UTF-8 or too large.
pub(super) fn read_events(
    chunks: impl Stream<Item = Result<Bytes, ClientError>>,
) -> impl Stream<Item = Result<Event, ClientError>> {
    // The parser buffers without a limit, so bytes are counted here and again from zero after each event.
    let unparsed_bytes = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&unparsed_bytes);
    let limited = chunks.map(move |chunk| {
        let chunk = chunk?;
        if counter.fetch_add(chunk.len(), Ordering::Relaxed) + chunk.len() > MAX_EVENT_BYTES {
            return Err(ClientError::InvalidResponse("an event is too large"));
        }
        Ok(chunk)
    });
    limited.eventsource().map(move |event| match event {
        Ok(event) => {
            unparsed_bytes.store(0, Ordering::Relaxed);
            Ok(event)
        }
        Err(EventStreamError::Transport(error)) => Err(error),
        Err(EventStreamError::Utf8(_) | EventStreamError::Parser(_)) => {
            Err(ClientError::InvalidResponse("an event is not text"))
        }
    })
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    const STREAM: &[u8] = b": hello\r\nevent: job\r\ndata: {\"a\":\r\ndata: \xc3\xa9}\r\n\r\n:keep\n\ndata:x\n\nevent: job\ndata: cut";

    async fn read(chunks: Vec<Vec<u8>>) -> Vec<Result<(String, String), ClientError>> {
        read_events(stream::iter(chunks.into_iter().map(|chunk| Ok(Bytes::from(chunk)))))
            .map(|event| event.map(|event| (event.event, event.data)))
            .collect()
            .await
    }

    #[tokio::test]
    async fn events_do_not_depend_on_how_the_bytes_are_split() {
        for size in 1..STREAM.len() {
            let events = read(STREAM.chunks(size).map(<[u8]>::to_vec).collect()).await;
            let events: Vec<(String, String)> = events.into_iter().map(Result::unwrap).collect();
            let expected = [("job", "{\"a\":\né}"), ("message", "x")];
            assert_eq!(
                events,
                expected.map(|(name, data)| (name.to_owned(), data.to_owned())),
                "chunks of {size}"
            );
        }
    }

    #[tokio::test]
    async fn endless_event_is_refused() {
        let chunk = vec![b'a'; MAX_EVENT_BYTES];
        assert!(read(vec![chunk.clone()]).await.is_empty());
        let events = read(vec![chunk.clone(), chunk]).await;
        assert!(matches!(events[..], [Err(ClientError::InvalidResponse(_))]));
    }

    #[tokio::test]
    async fn limit_is_per_event() {
        let event = [b"data: ".as_slice(), &vec![b'a'; MAX_EVENT_BYTES - 100], b"\n\n"].concat();
        assert!(read(vec![event; 3]).await.iter().all(Result::is_ok));
    }

    #[tokio::test]
    async fn event_that_is_not_utf8_is_refused() {
        assert!(matches!(read(vec![b"data: \xff\n\n".to_vec()]).await[..], [Err(_)]));
    }
}
