-- Analyses as the cloud made them, and what readers changed in them.

-- One row per analysis of a record. `content` is the analysis as JSON, compressed with zstd. The one with `is_shown` is
-- what Review shows; a newer one waits beside it. `known_statements` are the ids of the statements of the result before it, as JSON.
-- `edits_seen` is the number of the last edit in the cloud that is among the changes.
CREATE TABLE analyses (
    id           TEXT    PRIMARY KEY,
    record_id    TEXT    NOT NULL REFERENCES records (id) ON DELETE CASCADE,
    generated_at TEXT    NOT NULL,
    is_shown     INTEGER NOT NULL CHECK (is_shown IN (0, 1)),
    known_statements TEXT    NOT NULL,
    edits_seen   INTEGER NOT NULL DEFAULT 0 CHECK (edits_seen >= 0),
    content      BLOB    NOT NULL
);
CREATE INDEX analyses_by_record ON analyses (record_id, generated_at);

-- One row per change of a statement, in the order of `sequence`; nothing is overwritten. `state` tells whether it holds
-- (`done`), was taken back (`undone`), was taken back and then overtaken by another change (`dropped`), or was refused by the cloud
-- and waits for a choice (`conflict`). An undo, a redo and a run are rows of their own with no `change`, so that the history shows
-- them; `target_id` is the change that is taken back or made again. `sent_to` is the analysis whose edits in the cloud have it.
CREATE TABLE review_changes (
    sequence     INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT    NOT NULL UNIQUE,
    record_id    TEXT    NOT NULL REFERENCES records (id) ON DELETE CASCADE,
    changed_at   TEXT    NOT NULL,
    author_id    TEXT    NOT NULL,
    author_name  TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    statement_id TEXT,
    target_id    TEXT,
    change       TEXT,
    state        TEXT    NOT NULL CHECK (state IN ('done', 'undone', 'dropped', 'conflict')),
    sent_to      TEXT,
    text_before  TEXT,
    text_after   TEXT
);
CREATE INDEX review_changes_by_record ON review_changes (record_id, sequence);
