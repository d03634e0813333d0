CREATE TABLE books (
  -- AUTOINCREMENT: the id of a deleted book never comes back.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  title TEXT NOT NULL,
  author TEXT NOT NULL,
  published_at TEXT,
  description TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

-- What searches read: narrow, so that a scan stays short. Bytes, not text: see folded_columns.ts.
CREATE TABLE book_search (
  id INTEGER PRIMARY KEY REFERENCES books (id) ON DELETE CASCADE,
  title_folded BLOB NOT NULL,
  text_folded BLOB NOT NULL
) STRICT;

CREATE INDEX book_search_title ON book_search (title_folded);

-- One row once the first start has decided what the shelf begins with.
CREATE TABLE starter_shelf (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  books INTEGER NOT NULL,
  loaded_at TEXT NOT NULL
) STRICT;
