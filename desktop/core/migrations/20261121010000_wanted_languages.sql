-- The language of a page that was recognised without that language's model, as JSON.
ALTER TABLE pages ADD COLUMN wanted TEXT;
