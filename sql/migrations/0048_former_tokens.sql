-- A step-up gives the session a new token. Requests that were under way with the one before are served for ten seconds more.
ALTER TABLE auth.session
    ADD COLUMN former_hash bytea CHECK (octet_length(former_hash) = 32),
    ADD COLUMN former_until timestamptz,
    ADD CHECK ((former_hash IS NULL) = (former_until IS NULL));
CREATE INDEX session_former ON auth.session (former_hash) WHERE former_hash IS NOT NULL;
