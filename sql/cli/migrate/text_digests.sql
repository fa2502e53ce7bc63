-- text_digests :many () -> (path text, sha256 text)
SELECT path, sha256 FROM anamnesis.sql_text;
