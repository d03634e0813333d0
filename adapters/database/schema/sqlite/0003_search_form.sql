-- The search form knows more for the same: digits of other scripts, letters that only stretch.
-- What is plain text has the form that it had; all else is indexed anew, in the background.
INSERT INTO shelfcast_changes
SELECT id FROM books
WHERE id IN (SELECT id FROM shelfcast_forms) AND
  length(CAST(title || author || description AS BLOB)) <> length(title || author || description);
