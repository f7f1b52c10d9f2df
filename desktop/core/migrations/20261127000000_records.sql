-- The records that the window shows, with their files. SQLCipher encrypts the whole database.

-- One row per record. `id` is this workstation's; `cloud_id` is the record's id in the cloud once it was created there.
-- `cloud_copy` is title and fields as the cloud last had them, with their revision, as JSON.
-- `fields` are the clinic's own fields as JSON. `reading` tells what the user asked of its reading. `request` is an
-- analysis that waits for the cloud, as JSON. The counts are those of the result that is shown.
CREATE TABLE records (
    id                  TEXT    PRIMARY KEY,
    cloud_id            TEXT    UNIQUE,
    cloud_copy          TEXT,
    title               TEXT    NOT NULL,
    fields              TEXT    NOT NULL,
    state               TEXT    NOT NULL CHECK (state IN ('reading', 'to_review', 'to_sign', 'signed')),
    owner_id            TEXT    NOT NULL,
    owner_name          TEXT    NOT NULL,
    changed_at          TEXT    NOT NULL,
    is_sample           INTEGER NOT NULL DEFAULT 0 CHECK (is_sample IN (0, 1)),
    reading             TEXT    NOT NULL CHECK (reading IN ('running', 'paused', 'cancelled', 'done')),
    request             TEXT,
    requested_at        TEXT,
    conflicts           INTEGER NOT NULL DEFAULT 0,
    statements_total    INTEGER NOT NULL DEFAULT 0,
    statements_reviewed INTEGER NOT NULL DEFAULT 0,
    statements_missing  INTEGER NOT NULL DEFAULT 0
);

-- One row per file of a record, in the order of `position`. `file_id` leads to its pages once it was opened. `path` is
-- where the file lies; `content` holds what lies nowhere, such as a pasted image. `password` opens an encrypted file.
-- `fault` is why it could not be opened.
CREATE TABLE record_files (
    id         TEXT    PRIMARY KEY,
    record_id  TEXT    NOT NULL REFERENCES records (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    media_type TEXT    NOT NULL,
    size_bytes INTEGER NOT NULL,
    path       TEXT    NOT NULL,
    content    BLOB,
    sha256     TEXT,
    file_id    INTEGER REFERENCES files (id),
    page_count INTEGER,
    password   TEXT,
    fault      TEXT,
    cloud_id   TEXT
);
CREATE INDEX record_files_by_record ON record_files (record_id, position);

-- Records that were deleted here and are to be deleted in the cloud.
CREATE TABLE deleted_records (
    cloud_id TEXT PRIMARY KEY
);
