-- Files and their pages as read on this workstation. SQLCipher encrypts the whole database.

-- One row per file, engine revision and languages: another engine, or other languages, reads a file again.
-- `languages` are the names of Tesseract's models, joined by '+'.
-- `is_cross_page_done` tells whether near-duplicates, headers and footers were found since the last page was read.
CREATE TABLE files (
    id                 INTEGER PRIMARY KEY,
    sha256             TEXT    NOT NULL,
    engine_revision    INTEGER NOT NULL,
    languages          TEXT    NOT NULL,
    media_type         TEXT    NOT NULL,
    size_bytes         INTEGER NOT NULL,
    page_count         INTEGER NOT NULL CHECK (page_count >= 1),
    is_cross_page_done INTEGER NOT NULL DEFAULT 0 CHECK (is_cross_page_done IN (0, 1)),
    UNIQUE (sha256, engine_revision, languages)
);

-- One row per finished page. `content` is the page as JSON, compressed with zstd.
-- `fingerprint` is equal for two pages of a file exactly if they show the same; a page that could not be inspected has
-- none. `missing_model` is the language, as JSON, of a page that was recognised without that language's model.
-- `width`, `height` (in points), `confidence` (percent) and `duplicate_of` are those of the content, for lists of pages.
CREATE TABLE pages (
    file_id       INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    page_number   INTEGER NOT NULL CHECK (page_number >= 1),
    text_source   TEXT    NOT NULL
        CHECK (text_source IN ('text_layer', 'ocr', 'mixed', 'blank', 'duplicate', 'unreadable')),
    fingerprint   BLOB,
    missing_model TEXT,
    width         REAL    NOT NULL,
    height        REAL    NOT NULL,
    confidence    INTEGER NOT NULL,
    duplicate_of  INTEGER,
    content       BLOB    NOT NULL,
    UNIQUE (file_id, page_number)
);
