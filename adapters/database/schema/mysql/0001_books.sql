-- MySQL commits each of these on its own, and a start may be killed between them: every one can be
-- repeated.
CREATE TABLE IF NOT EXISTS books (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  title VARCHAR(500) NOT NULL,
  author VARCHAR(1000) NOT NULL,
  published_at VARCHAR(32) NULL,
  description TEXT NOT NULL,
  created_at DATETIME NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What searches read: narrow, so that a scan stays short. Bytes, not text: see folded_columns.ts.
CREATE TABLE IF NOT EXISTS book_search (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  title_folded VARBINARY(4500) NOT NULL,
  text_folded BLOB NOT NULL,
  KEY book_search_title (title_folded (191)),
  CONSTRAINT book_search_book FOREIGN KEY (id) REFERENCES books (id) ON DELETE CASCADE
) ENGINE = InnoDB;

-- One row once the first start has decided what the shelf begins with.
CREATE TABLE IF NOT EXISTS starter_shelf (
  only_row TINYINT NOT NULL PRIMARY KEY,
  books INT NOT NULL,
  loaded_at DATETIME NOT NULL
) ENGINE = InnoDB;
