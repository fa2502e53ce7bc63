-- What the database knows of the keyring.

-- Which versions of keys there are, and a value by which a wrong key is told: one row for each version of each kind. The
-- value is an HMAC under the key, of its kind and version: it shows nothing of the key. Written by the operator's command; a
-- retired version's number is never used again.
CREATE TABLE auth.key_check (
    kind         text NOT NULL CHECK (kind ~ '^[a-z]{1,16}$'),
    version      integer NOT NULL CHECK (version > 0),
    value        bytea NOT NULL CHECK (octet_length(value) = 32),
    created_at   timestamptz NOT NULL DEFAULT now(),
    in_use_since timestamptz, -- when every program used it for what is new
    retired_at   timestamptz,
    -- SHA-256 of what a worker shows before a sign-in begins; it is derived from the pepper, so whoever has it has the keyring.
    door         bytea CHECK (door IS NULL OR (octet_length(door) = 32 AND kind = 'pepper')),
    PRIMARY KEY (kind, version)
);
