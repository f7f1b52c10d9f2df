-- Pages may be read from their text and their pictures both, and in other languages than English. Files read before are
-- read again by the better reader, so nothing is carried over.

DROP TABLE pages;
DROP TABLE files;

-- One row per file, version of reading and languages: a better reader, or one of other languages, reads a file again.
-- `languages` are the names of Tesseract's models, joined by '+'.
CREATE TABLE files (
    id         INTEGER PRIMARY KEY,
    sha256     TEXT    NOT NULL,
    reading    INTEGER NOT NULL,
    languages  TEXT    NOT NULL,
    media_type TEXT    NOT NULL,
    bytes      INTEGER NOT NULL,
    pages      INTEGER NOT NULL CHECK (pages >= 1),
    UNIQUE (sha256, reading, languages)
);

-- One row per finished page. `content` is the page as JSON, compressed with zstd.
-- `fingerprint` is equal for two pages of a file exactly if they show the same; a page that could not be looked at has none.
CREATE TABLE pages (
    file        INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL CHECK (number >= 1),
    how         TEXT    NOT NULL CHECK (how IN ('text_layer', 'ocr', 'mixed', 'blank', 'repeat', 'unreadable')),
    fingerprint BLOB,
    content     BLOB    NOT NULL,
    UNIQUE (file, number)
);
