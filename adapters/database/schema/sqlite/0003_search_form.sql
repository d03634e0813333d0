-- The search form knows more for the same (digits of other scripts, letters that only stretch): what
-- is plain text has the form that it had, and all else that is indexed is so anew, in the background.
INSERT INTO shelfcast_changes
SELECT id FROM books
WHERE id IN (SELECT id FROM shelfcast_forms) AND
  length(CAST(title || author || description AS BLOB)) <> length(title || author || description);
