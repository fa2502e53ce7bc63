-- texts_forget :exec (paths text)
-- Those that have no file any more.
DELETE FROM anamnesis.sql_text WHERE path <> ALL ($1::text[]);
