-- What consumers keep of events. consumer: readModelNumbers of src/ports/read_model.ts. Texts are
-- UTF-8 as bytes, so that no character and no collation is special. Times are milliseconds since
-- the epoch. Each statement can be repeated: MySQL makes no tables in a transaction.

-- What must be so before a batch is applied. Every change locks its consumer's row.
CREATE TABLE IF NOT EXISTS shelfcast_consumers (
  consumer TINYINT NOT NULL PRIMARY KEY,
  half_life_ms BIGINT NOT NULL,
  horizon_hour INT -- keys of hours before it are not kept; NULL: all are
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS shelfcast_consumed_events (
  consumer TINYINT NOT NULL,
  hour BIGINT NOT NULL,
  event BINARY(16) NOT NULL,
  PRIMARY KEY (consumer, hour, event)
) ENGINE = InnoDB;

-- position: decimal, as an offset has 64 bits.
CREATE TABLE IF NOT EXISTS shelfcast_consumer_positions (
  consumer TINYINT NOT NULL,
  topic VARCHAR(249) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  partition_no INT NOT NULL,
  position VARCHAR(20) CHARACTER SET ascii NOT NULL,
  last_time BIGINT,
  PRIMARY KEY (consumer, topic, partition_no)
) ENGINE = InnoDB;

-- found: 1 something, 0 nothing, 2 not known, as only further pages were seen.
CREATE TABLE IF NOT EXISTS shelfcast_search_trends (
  query VARBINARY(1024) NOT NULL PRIMARY KEY,
  shown BLOB NOT NULL,
  found TINYINT NOT NULL,
  weight DOUBLE NOT NULL,
  searches BIGINT NOT NULL,
  books MEDIUMBLOB NOT NULL,
  searched_at BIGINT NOT NULL,
  found_at BIGINT NOT NULL,
  KEY shelfcast_search_trends_top (found, weight)
) ENGINE = InnoDB;

-- books: [[id, title, author, weight], …]; none where the visitor asked to be forgotten (1).
CREATE TABLE IF NOT EXISTS shelfcast_visitor_interests (
  visitor BINARY(16) NOT NULL PRIMARY KEY,
  books MEDIUMBLOB NOT NULL,
  forgotten TINYINT NOT NULL,
  updated_at BIGINT NOT NULL,
  KEY shelfcast_visitor_interests_age (forgotten, updated_at)
) ENGINE = InnoDB;
