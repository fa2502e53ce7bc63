-- Messages to send, and replies that are kept for who asks twice. Both are sealed by the process, not with a patient's key:
-- they say whom they are about, so that they go with the patient.

-- Written by the transaction that causes them, sent by jobs.
CREATE TABLE anamnesis.outbox (
    id            uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id   uuid NOT NULL REFERENCES anamnesis.practice (id),
    kind          text NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
    sealed        bytea CHECK (octet_length(sealed) > 44), -- more than version, nonce and tag; gone when sent
    created_at    timestamptz NOT NULL DEFAULT now(),
    attempts      integer NOT NULL DEFAULT 0,
    next_at       timestamptz NOT NULL DEFAULT now(),
    claimed_until timestamptz,
    sent_at       timestamptz,
    failed_at     timestamptz, -- given up
    last_error    text CHECK (length(last_error) <= 100), -- a code, never a server's words
    patient_id    uuid,
    for_staff     boolean NOT NULL DEFAULT false, -- about a patient, perhaps, but not to them
    languages     text,                           -- in the order of preference; NULL: made before there were any
    time_zone     text,
    -- Staff can ask what became of a message: of an invitation, of a member of staff's link, of all to a patient.
    invitation_id uuid, -- whose link it carries; rows from before say none
    staff_id      uuid,
    state         text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN failed_at IS NOT NULL THEN 'given-up' ELSE 'queued' END) STORED,
    state_at      timestamptz NOT NULL GENERATED ALWAYS AS (coalesce(sent_at, failed_at, created_at)) STORED,
    CHECK (sealed IS NOT NULL OR sent_at IS NOT NULL OR failed_at IS NOT NULL)
);
CREATE INDEX outbox_waiting ON anamnesis.outbox (next_at) WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX outbox_of_invitation ON anamnesis.outbox (invitation_id, id) WHERE invitation_id IS NOT NULL;
CREATE INDEX outbox_of_staff ON anamnesis.outbox (staff_id, id) WHERE staff_id IS NOT NULL;
CREATE INDEX outbox_of_practice ON anamnesis.outbox (practice_id, created_at);
CREATE INDEX outbox_of_patient ON anamnesis.outbox (patient_id, id) WHERE patient_id IS NOT NULL;
-- A trigger, so that nobody who leaves a message can forget its language.
CREATE TRIGGER spoken BEFORE INSERT ON anamnesis.outbox FOR EACH ROW EXECUTE FUNCTION anamnesis.outbox_spoken();

-- Idempotency-Key: the first INSERT wins, the others get its reply. Rows count for 24 hours.
CREATE TABLE anamnesis.idempotency (
    practice_id  uuid NOT NULL REFERENCES anamnesis.practice (id),
    actor_id     uuid NOT NULL,
    key_hash     bytea NOT NULL CHECK (octet_length(key_hash) = 32),
    operation    text NOT NULL,
    body_sha256  bytea NOT NULL CHECK (octet_length(body_sha256) = 32),
    status       integer CHECK (status BETWEEN 100 AND 599),
    reply_sealed bytea CHECK (octet_length(reply_sealed) > 44),
    created_at   timestamptz NOT NULL DEFAULT now(),
    patient_ids  uuid[] NOT NULL DEFAULT '{}',
    -- Of a reply that shows a link: its token's hash, so that it is not shown again once the link has ended.
    link_hash    bytea CHECK (octet_length(link_hash) = 32),
    PRIMARY KEY (practice_id, actor_id, key_hash)
);
