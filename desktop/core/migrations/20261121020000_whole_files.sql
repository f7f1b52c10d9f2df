-- Whether the pages were compared with each other since the last of them was read.
ALTER TABLE files ADD COLUMN related INTEGER NOT NULL DEFAULT 0 CHECK (related IN (0, 1));
