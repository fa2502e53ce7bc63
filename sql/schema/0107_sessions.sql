-- From the right password to a session, and who has to wait.

CREATE TABLE auth.session (
    id             uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id    uuid NOT NULL REFERENCES anamnesis.practice (id),
    realm          text NOT NULL CHECK (realm IN ('staff', 'patient')),
    account_id     uuid NOT NULL,
    token_hash     bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at     timestamptz NOT NULL DEFAULT now(),
    last_seen_at   timestamptz NOT NULL DEFAULT now(),
    idle_seconds   integer NOT NULL CHECK (idle_seconds BETWEEN 60 AND 86400),
    expires_at     timestamptz NOT NULL,
    ended_at       timestamptz,
    client_address text NOT NULL,
    user_agent     text CHECK (length(user_agent) <= 256),
    stepped_up_at  timestamptz, -- the last fresh second factor in this session
    -- A step-up gives the session a new token. Requests that were under way with the one before are served for ten seconds
    -- more.
    former_hash    bytea CHECK (octet_length(former_hash) = 32),
    former_until   timestamptz,
    held_since     timestamptz, -- as in auth.account, for this session
    held_until     timestamptz,
    CHECK ((former_hash IS NULL) = (former_until IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX session_of_account ON auth.session (account_id) WHERE ended_at IS NULL;
CREATE INDEX session_former ON auth.session (former_hash) WHERE former_hash IS NOT NULL;

-- From the right password to the second factor. A reset is a challenge too: single use, short lived; its token went to the
-- account's e-mail address. A right password that fits several accounts makes one challenge for each, of which one is chosen.
CREATE TABLE auth.challenge (
    token_hash  bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    practice_id uuid NOT NULL REFERENCES anamnesis.practice (id),
    realm       text NOT NULL CHECK (realm IN ('staff', 'patient')),
    account_id  uuid NOT NULL REFERENCES auth.account (id),
    purpose     text NOT NULL,
    delivery    text NOT NULL,
    tries       integer NOT NULL DEFAULT 0,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT challenge_purpose CHECK (purpose IN ('mfa', 'enrol', 'reset', 'choose')),
    CONSTRAINT challenge_delivery CHECK (delivery = ANY (CASE purpose
        WHEN 'reset' THEN ARRAY['email'] ELSE ARRAY['cookie', 'bearer'] END))
);
CREATE INDEX challenge_of_account ON auth.challenge (account_id);

-- Failed tries by account and by address; keys are hashes. A row says itself how long it counts.
CREATE TABLE auth.throttle (
    key           bytea PRIMARY KEY CHECK (octet_length(key) = 32),
    failures      integer NOT NULL,
    last_failure  timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL,
    counts_until  timestamptz NOT NULL DEFAULT now() + interval '90 days',
    origin        bytea CHECK (octet_length(origin) = 32) -- of an account's row: where it was last tried from
) WITH (fillfactor = 70);
CREATE INDEX throttle_by_time ON auth.throttle (counts_until);
CREATE INDEX throttle_of_origin ON auth.throttle (origin, last_failure) WHERE origin IS NOT NULL;

-- Where accounts have signed in from, so that others' failures do not keep them out there: a device by the keyed hash of its
-- token, an address by a hash. The newest few of an account stay.
CREATE TABLE auth.familiar (
    account_id uuid NOT NULL REFERENCES auth.account (id) ON DELETE CASCADE,
    mark       bytea NOT NULL CHECK (octet_length(mark) = 32),
    kind       text NOT NULL CHECK (kind IN ('device', 'address')),
    seen_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, mark)
) WITH (fillfactor = 80);
CREATE INDEX familiar_by_mark ON auth.familiar (mark) WHERE kind = 'device';
CREATE INDEX familiar_by_time ON auth.familiar (seen_at);
