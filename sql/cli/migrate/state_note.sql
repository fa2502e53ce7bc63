-- state_note :exec (sha256 text)
INSERT INTO anamnesis.sql_state (sha256) VALUES ($1) ON CONFLICT DO NOTHING;
