-- What stands on reports besides their content, and the reports that were signed.

-- What the cloud last said of the clinic's letterhead and of the member's own signature, as JSON, for what is drawn without
-- network.
CREATE TABLE branding (
    name    TEXT PRIMARY KEY CHECK (name IN ('letterhead', 'own_signature')),
    content TEXT NOT NULL
);

-- One row per signed report of a record. A record may have been several in the cloud, one after another, each with its own
-- versions: `cloud_id` tells which. `signature` is who signed it and when, as JSON; `content` is what was signed, as JSON
-- compressed with zstd, once it was fetched.
CREATE TABLE signed_reports (
    record_id TEXT    NOT NULL REFERENCES records (id) ON DELETE CASCADE,
    cloud_id  TEXT    NOT NULL,
    version   INTEGER NOT NULL CHECK (version >= 1),
    signature TEXT    NOT NULL,
    content   BLOB,
    PRIMARY KEY (record_id, cloud_id, version)
);
