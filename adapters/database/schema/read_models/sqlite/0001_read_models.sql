-- What consumers keep of events, in a file of its own: commits elsewhere empty a reader's cache.
-- consumer: readModelNumbers of src/ports/read_model.ts. Texts are UTF-8 as bytes, so that no
-- character is special. Times are milliseconds since the epoch.

-- What must be so before a batch is applied. Every change locks its consumer's row, or the file.
CREATE TABLE shelfcast_consumers (
  consumer INTEGER PRIMARY KEY,
  half_life_ms INTEGER NOT NULL,
  horizon_hour INTEGER -- keys of hours before it are not kept; NULL: all are
) STRICT;

CREATE TABLE shelfcast_consumed_events (
  consumer INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  event BLOB NOT NULL,
  PRIMARY KEY (consumer, hour, event)
) STRICT, WITHOUT ROWID;

-- position: decimal, as an offset has 64 bits.
CREATE TABLE shelfcast_consumer_positions (
  consumer INTEGER NOT NULL,
  topic TEXT NOT NULL,
  partition_no INTEGER NOT NULL,
  position TEXT NOT NULL,
  last_time INTEGER,
  PRIMARY KEY (consumer, topic, partition_no)
) STRICT, WITHOUT ROWID;

-- found: 1 something, 0 nothing, 2 not known, as only further pages were seen.
CREATE TABLE shelfcast_search_trends (
  query BLOB PRIMARY KEY,
  shown BLOB NOT NULL,
  found INTEGER NOT NULL,
  weight REAL NOT NULL,
  searches INTEGER NOT NULL,
  books BLOB NOT NULL,
  searched_at INTEGER NOT NULL,
  found_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX shelfcast_search_trends_top ON shelfcast_search_trends (found, weight DESC);

-- books: [[id, title, author, weight], …]; none where the visitor asked to be forgotten (1).
CREATE TABLE shelfcast_visitor_interests (
  visitor BLOB PRIMARY KEY,
  books BLOB NOT NULL,
  forgotten INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX shelfcast_visitor_interests_age ON shelfcast_visitor_interests (forgotten, updated_at);
