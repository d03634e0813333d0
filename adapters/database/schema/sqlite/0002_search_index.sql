-- Any form that a person writes; searches take its digits.
ALTER TABLE books ADD COLUMN isbn TEXT;

-- What searches compare and answer, computed from the book: see find_books.ts.
CREATE TABLE shelfcast_forms (
  id INTEGER PRIMARY KEY,
  title_key TEXT NOT NULL,
  text TEXT NOT NULL,
  isbn TEXT,
  json TEXT NOT NULL
) STRICT;

CREATE INDEX shelfcast_forms_title ON shelfcast_forms (title_key);

CREATE INDEX shelfcast_forms_isbn ON shelfcast_forms (isbn) WHERE isbn IS NOT NULL;

-- The ids of the books that have a gram (grams.ts): the tokenizer only splits at spaces.
CREATE VIRTUAL TABLE shelfcast_grams USING fts5(
  grams,
  content = '',
  contentless_delete = 1,
  detail = none,
  tokenize = "ascii tokenchars '_^!+#%$@'"
);

-- Lists are entered page by page: in pages of 4,000 bytes, a list of 10,000 ids could be read from
-- its beginning only, and a deep page of a search would cost what lies before it.
INSERT INTO shelfcast_grams (shelfcast_grams, rank) VALUES ('pgsz', 1000);

-- Ids of books that anybody has changed, for the writer. Plain, without a key that a statement's
-- ON CONFLICT could meet, so that the oldest tools can fill it.
CREATE TABLE shelfcast_changes (id INTEGER NOT NULL);

CREATE TRIGGER shelfcast_book_added AFTER INSERT ON books
BEGIN INSERT INTO shelfcast_changes VALUES (NEW.id); END;

CREATE TRIGGER shelfcast_book_changed AFTER UPDATE ON books
BEGIN INSERT INTO shelfcast_changes VALUES (OLD.id), (NEW.id); END;

CREATE TRIGGER shelfcast_book_removed AFTER DELETE ON books
BEGIN INSERT INTO shelfcast_changes VALUES (OLD.id); END;

-- One row while the books of an older shelf are being indexed: up to which id they are. Those that
-- are not are in book_search, which is empty from then on.
CREATE TABLE shelfcast_build (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  indexed_id INTEGER NOT NULL
) STRICT;

INSERT INTO shelfcast_build VALUES (1, 0);
