-- A text that is another one whenever the index has been changed (shelf_version.ts).
CREATE TABLE IF NOT EXISTS shelfcast_version (
  only_row TINYINT NOT NULL PRIMARY KEY,
  token CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
) ENGINE = InnoDB;
