-- The search form knows more for the same: digits of other scripts, letters that only stretch.
-- What is plain text has the form that it had; all else is indexed anew, in the background.
INSERT INTO shelfcast_changes (book)
SELECT id FROM books
WHERE id IN (SELECT id FROM shelfcast_forms) AND LENGTH(title) + LENGTH(author) + LENGTH(description) <>
  CHAR_LENGTH(title) + CHAR_LENGTH(author) + CHAR_LENGTH(description);
