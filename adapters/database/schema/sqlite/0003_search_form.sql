-- The search form knows more for the same: digits of other scripts, letters that only stretch, or
-- that stand alone. All books are compared with the index, in the background.
INSERT INTO shelfcast_changes SELECT id FROM shelfcast_forms;
