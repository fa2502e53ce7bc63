-- text_note :exec (path text, sha256 text)
INSERT INTO anamnesis.sql_text (path, sha256)
VALUES ($1, $2)
ON CONFLICT (path) DO UPDATE SET sha256 = excluded.sha256;
