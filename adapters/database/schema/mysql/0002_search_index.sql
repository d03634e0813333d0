-- Any form that a person writes; searches take its digits.
ALTER TABLE books ADD COLUMN isbn VARCHAR(32) NULL;

-- What searches compare and answer, computed from the book: see find_books.ts.
CREATE TABLE IF NOT EXISTS shelfcast_forms (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  title_key MEDIUMTEXT NOT NULL,
  text MEDIUMTEXT NOT NULL,
  isbn CHAR(13) NULL,
  json MEDIUMTEXT NOT NULL,
  KEY shelfcast_forms_title (title_key (64)),
  KEY shelfcast_forms_isbn (isbn)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The ids of the books that have a gram (grams.ts), as UTF-8.
CREATE TABLE IF NOT EXISTS shelfcast_grams (
  gram VARBINARY(64) NOT NULL,
  id BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (gram, id)
) ENGINE = InnoDB;

-- Ids of books that anybody has changed; filled by triggers (change_triggers.ts).
CREATE TABLE IF NOT EXISTS shelfcast_changes (
  note BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  book BIGINT UNSIGNED NOT NULL
) ENGINE = InnoDB;

-- One row while the books of an older shelf are being indexed: up to which id they are. Those that
-- are not are in book_search, which is empty from then on.
CREATE TABLE IF NOT EXISTS shelfcast_build (
  only_row TINYINT NOT NULL PRIMARY KEY,
  indexed_id BIGINT UNSIGNED NOT NULL
) ENGINE = InnoDB;

INSERT IGNORE INTO shelfcast_build VALUES (1, 0);
