//! Server-sent events, as far as the service uses them: named events with data (HTML standard, section 9.2).

use crate::client::ClientError;

/// The longest event that is taken; a job is far shorter.
const MAX_EVENT_BYTES: usize = 1024 * 1024;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    /// Its name; `message` if the server gave none.
    pub(super) name: String,
    /// Its data lines, joined by line feeds.
    pub(super) data: String,
}

/// Puts events together from bytes as they arrive, however they are cut.
#[derive(Debug, Default)]
pub(super) struct EventReader {
    buffer: Vec<u8>,
    name: String,
    data: String,
}

impl EventReader {
    /// Takes the next bytes and gives the events that are complete with them.
    ///
    /// # Errors
    /// `Broken` if an event is not UTF-8 or does not end.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Event>, ClientError> {
        self.buffer.extend_from_slice(bytes);
        let mut events = Vec::new();
        while let Some(end) = self.buffer.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = self.buffer.drain(..=end).collect();
            let line =
                std::str::from_utf8(&line).map_err(|_| ClientError::Broken("its events are not text"))?;
            events.extend(self.line(line.trim_end_matches(['\n', '\r']))?);
        }
        if self.buffer.len() > MAX_EVENT_BYTES {
            return Err(ClientError::Broken("an event does not end"));
        }
        Ok(events)
    }

    fn line(&mut self, line: &str) -> Result<Option<Event>, ClientError> {
        if line.is_empty() {
            let (name, data) = (std::mem::take(&mut self.name), std::mem::take(&mut self.data));
            let name = if name.is_empty() { "message".to_owned() } else { name };
            return Ok((!data.is_empty()).then_some(Event { name, data }));
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                if self.data.len() + value.len() > MAX_EVENT_BYTES {
                    return Err(ClientError::Broken("an event does not end"));
                }
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            // Comments (keep-alive), ids and retry times mean nothing here.
            _ => {}
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &[u8] = b": hello\r\nevent: job\r\ndata: {\"a\":\r\ndata: \xc3\xa9}\r\n\r\n:keep\n\ndata:x\n\nevent: job\ndata: cut";

    #[test]
    fn events_come_out_the_same_however_the_bytes_are_cut() {
        for size in 1..STREAM.len() {
            let mut reader = EventReader::default();
            let mut events = Vec::new();
            for chunk in STREAM.chunks(size) {
                events.extend(reader.feed(chunk).unwrap());
            }
            let read: Vec<(&str, &str)> =
                events.iter().map(|event| (event.name.as_str(), event.data.as_str())).collect();
            assert_eq!(read, [("job", "{\"a\":\né}"), ("message", "x")], "chunks of {size}");
        }
    }

    #[test]
    fn an_event_that_does_not_end_is_refused() {
        let mut reader = EventReader::default();
        let chunk = vec![b'a'; MAX_EVENT_BYTES];
        assert!(reader.feed(&chunk).is_ok());
        assert!(reader.feed(&chunk).is_err());
    }
}
