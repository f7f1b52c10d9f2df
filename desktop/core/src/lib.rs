//! All behaviour of the workstation: reading, the local store, the link to the cloud. No window.
