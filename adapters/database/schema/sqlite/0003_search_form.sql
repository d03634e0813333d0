-- The search form knows more for the same (digits of other scripts, letters that only stretch): what
-- is plain text has the form that it had, and all else is indexed anew in the background.
INSERT INTO shelfcast_changes
SELECT id FROM books
WHERE length(CAST(title || author || description AS BLOB)) <> length(title || author || description);
