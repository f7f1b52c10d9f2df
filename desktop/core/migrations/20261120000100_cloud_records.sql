-- What became of the files in the cloud.

-- The record of a set of files. `files_digest` is a digest of the cloud's address, the clinic, the files and their
-- languages.
CREATE TABLE cloud_records (
    files_digest TEXT PRIMARY KEY,
    record_id    TEXT NOT NULL
);

-- Which run of an analysis was last requested, and whether the user has received it.
-- `request_digest` is a digest of the record, the focus and the date window.
CREATE TABLE analysis_requests (
    request_digest TEXT    PRIMARY KEY,
    run            INTEGER NOT NULL CHECK (run >= 1),
    is_delivered   INTEGER NOT NULL CHECK (is_delivered IN (0, 1))
);
