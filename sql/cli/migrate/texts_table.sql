-- texts_table :exec ()
-- Which digest each text has now.
CREATE TABLE IF NOT EXISTS anamnesis.sql_text (
    path text PRIMARY KEY,
    sha256 text NOT NULL);
