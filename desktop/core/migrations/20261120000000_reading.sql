-- What was read on this workstation, and what became of it in the cloud. The whole file is encrypted by SQLCipher.

-- One row per file and version of reading: a better reader reads a file again.
CREATE TABLE files (
    id         INTEGER PRIMARY KEY,
    sha256     TEXT    NOT NULL,
    reading    INTEGER NOT NULL,
    media_type TEXT    NOT NULL,
    bytes      INTEGER NOT NULL,
    pages      INTEGER NOT NULL CHECK (pages >= 1),
    UNIQUE (sha256, reading)
);

-- One row per finished page. `content` is the page as JSON, compressed with zstd.
-- `fingerprint` is equal for two pages of a file exactly if they show the same; a page that could not be looked at has none.
CREATE TABLE pages (
    file        INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL CHECK (number >= 1),
    how         TEXT    NOT NULL CHECK (how IN ('text_layer', 'ocr', 'blank', 'repeat', 'unreadable')),
    fingerprint BLOB,
    content     BLOB    NOT NULL,
    UNIQUE (file, number)
);

-- Which record of the cloud a set of files became. `files` is a digest of the cloud's address, the clinic and the files.
CREATE TABLE records (
    files  TEXT PRIMARY KEY,
    record TEXT NOT NULL
);

-- How often an analysis was asked for on purpose, and whether the last one reached the user.
-- `question` is a digest of the record, the focus and the days.
CREATE TABLE requests (
    question TEXT    PRIMARY KEY,
    asked    INTEGER NOT NULL CHECK (asked >= 1),
    answered INTEGER NOT NULL CHECK (answered IN (0, 1))
);
