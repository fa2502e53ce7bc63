-- Photos and documents of patients (docs/media.md): what was declared, in which state it is, what was made of it, and what is to be removed.
-- No byte of a file is in the database. Nobody but functions of the owner's changes anything here; what a state leaves behind is done by
-- triggers, so that no way to that state can forget it.

-- Whose program looks at files: it reaches no table (sql/functions/anamnesis/upload_claim.sql and its kin).
GRANT USAGE ON SCHEMA anamnesis TO anamnesis_scan;

ALTER TABLE anamnesis.practice
    ADD COLUMN upload_bytes_patient   bigint  NOT NULL DEFAULT 200000000   CHECK (upload_bytes_patient >= 0),
    ADD COLUMN upload_bytes_practice  bigint  NOT NULL DEFAULT 20000000000 CHECK (upload_bytes_practice >= 0),
    ADD COLUMN upload_days_signatures integer NOT NULL DEFAULT 7           CHECK (upload_days_signatures BETWEEN 1 AND 365);

-- The patient's files key, sealed for the scanner under the keyring's kind `files`: from the first upload on. Here, and not in a table of
-- its own, because the erasure of a key writes this table anew (auth.keys_rewrite).
ALTER TABLE anamnesis.data_key ADD COLUMN files_key bytea CHECK (octet_length(files_key) BETWEEN 45 AND 200);
ALTER TABLE anamnesis.data_key ALTER COLUMN files_key SET STORAGE PLAIN, ALTER COLUMN files_key SET STATISTICS 0;

-- One file. `declared` is the digest, size and type that the patient gave, sealed by the process under the patient's files key: in clear, a
-- digest would prove after an erasure which known file it was. `salt` is a part of each object's key: without it nothing opens what is left
-- of them, so it goes when they go.
CREATE TABLE anamnesis.upload (
    id                uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id       uuid NOT NULL REFERENCES anamnesis.practice (id),
    patient_id        uuid NOT NULL,
    assignment_id     uuid NOT NULL,
    response_id       uuid NOT NULL,
    questionnaire_id  uuid NOT NULL, -- the response's
    link_id           text NOT NULL CHECK (length(link_id) BETWEEN 1 AND 255),
    type              text NOT NULL CHECK (type IN (
        'image/jpeg', 'image/png', 'image/webp', 'image/heic', 'application/pdf',
        'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
        'video/mp4', 'video/quicktime', 'audio/mp4', 'text/plain')),
    size              bigint CHECK (size BETWEEN 1 AND 50000000),
    parts             smallint NOT NULL CHECK (parts BETWEEN 1 AND 7),
    name              phi.sealed,
    declared          bytea CHECK (octet_length(declared) BETWEEN 45 AND 1000),
    salt              bytea CHECK (octet_length(salt) = 32),
    state             text NOT NULL DEFAULT 'awaiting-upload',
    reason            text CHECK (reason IN (
        'wrong-size', 'wrong-digest', 'wrong-type', 'not-allowed-type', 'encrypted', 'too-deep', 'damaged', 'too-large-picture',
        'not-understood', 'active-content', 'not-scanned')),
    signature         text CHECK (length(signature) BETWEEN 1 AND 200), -- what the scanner called it
    created_at        timestamptz NOT NULL DEFAULT now(),
    expires_at        timestamptz NOT NULL DEFAULT now() + interval '24 hours',
    urls_until        timestamptz, -- parts may still be put until then: they are removed once more
    completed_at      timestamptz,
    decided_at        timestamptz,
    scanned_with      text CHECK (length(scanned_with) BETWEEN 1 AND 200), -- which signatures
    width             integer CHECK (width > 0),
    height            integer CHECK (height > 0),
    seconds           integer CHECK (seconds >= 0),
    removed_by        uuid,
    removed_at        timestamptz,
    removal_reason    phi.sealed,
    attempts          integer NOT NULL DEFAULT 0,
    next_at           timestamptz NOT NULL DEFAULT now(),
    claimed_until     timestamptz,
    -- Until when a file that no completed response shows is kept at least; NULL once one shows it.
    retain_until      timestamptz DEFAULT now() + interval '30 days',
    -- Of one that was clean until newer signatures: its objects are kept, sealed and out of reach, until then.
    quarantined_until timestamptz,
    revision          integer NOT NULL DEFAULT 1,
    CONSTRAINT upload_of_patient UNIQUE (practice_id, patient_id, id),
    CONSTRAINT upload_of_response FOREIGN KEY (practice_id, patient_id, response_id)
        REFERENCES anamnesis.response (practice_id, patient_id, id),
    CONSTRAINT upload_of_assignment_key FOREIGN KEY (assignment_id, response_id) REFERENCES anamnesis.response (assignment_id, id),
    CONSTRAINT upload_erased_or_whole CHECK (CASE state
        WHEN 'erased' THEN num_nonnulls(name, declared, size, reason, signature, width, height, seconds, removal_reason) = 0
        ELSE num_nulls(name, declared, size) = 0 END),
    CONSTRAINT upload_state CHECK (CASE state
        WHEN 'awaiting-upload' THEN salt IS NOT NULL AND num_nonnulls(completed_at, decided_at, scanned_with, reason, signature) = 0
        WHEN 'scanning' THEN num_nulls(salt, completed_at) = 0 AND num_nonnulls(decided_at, scanned_with, reason, signature) = 0
        WHEN 'clean' THEN num_nulls(salt, completed_at, decided_at, scanned_with) = 0 AND num_nonnulls(reason, signature) = 0
        WHEN 'infected' THEN num_nulls(completed_at, decided_at, scanned_with, signature) = 0 AND reason IS NULL
             AND (salt IS NULL) = (quarantined_until IS NULL)
        WHEN 'rejected' THEN num_nulls(completed_at, decided_at, reason) = 0 AND num_nonnulls(salt, signature) = 0
        WHEN 'withdrawn' THEN salt IS NULL
        WHEN 'expired' THEN salt IS NULL
        WHEN 'removed' THEN salt IS NULL AND num_nulls(removed_by, removed_at, removal_reason) = 0
        WHEN 'erased' THEN salt IS NULL
        ELSE false END),
    CONSTRAINT upload_quarantined CHECK (quarantined_until IS NULL OR state = 'infected')
) WITH (fillfactor = 80);
CREATE INDEX upload_of_practice ON anamnesis.upload (practice_id, id);
CREATE INDEX upload_of_state ON anamnesis.upload (practice_id, state, id);
CREATE INDEX upload_of_item ON anamnesis.upload (practice_id, questionnaire_id, link_id, id);
CREATE INDEX upload_of_assignment ON anamnesis.upload (assignment_id, id);
CREATE INDEX upload_to_scan ON anamnesis.upload (next_at) WHERE state = 'scanning';
CREATE INDEX upload_scanning_of ON anamnesis.upload (practice_id, patient_id) WHERE state = 'scanning';
CREATE INDEX upload_to_scan_again ON anamnesis.upload (scanned_with, id) WHERE state IN ('clean', 'infected') AND salt IS NOT NULL;
CREATE INDEX upload_to_expire ON anamnesis.upload (expires_at) WHERE state = 'awaiting-upload';
CREATE INDEX upload_to_retain ON anamnesis.upload (retain_until) WHERE state = 'clean' AND retain_until IS NOT NULL;
CREATE INDEX upload_to_release ON anamnesis.upload (quarantined_until) WHERE quarantined_until IS NOT NULL;

-- What lies in the store of a file, sealed. A name is random and in no other column, so that what does not find the row finds no object.
CREATE TABLE anamnesis.upload_object (
    upload_id    uuid NOT NULL,
    kind         text NOT NULL CHECK (kind ~ '^(original|view|thumbnail|page-([1-9]|[1-4][0-9]|50))$'),
    practice_id  uuid NOT NULL,
    patient_id   uuid NOT NULL,
    name         text NOT NULL UNIQUE CHECK (name ~ '^sealed/[0-9a-f]{2}/[0-9a-f]{30}$'),
    content_type text NOT NULL CHECK (length(content_type) BETWEEN 1 AND 100),
    plain_size   bigint NOT NULL CHECK (plain_size BETWEEN 0 AND 1000000000),
    width        integer CHECK (width > 0),
    height       integer CHECK (height > 0),
    PRIMARY KEY (upload_id, kind),
    FOREIGN KEY (practice_id, patient_id, upload_id) REFERENCES anamnesis.upload (practice_id, patient_id, id)
);

-- Which files a completed response shows. Answers are sealed: this is how withdrawal and retention know it.
CREATE TABLE anamnesis.upload_shown (
    upload_id   uuid NOT NULL,
    response_id uuid NOT NULL,
    practice_id uuid NOT NULL,
    patient_id  uuid NOT NULL,
    PRIMARY KEY (upload_id, response_id),
    FOREIGN KEY (practice_id, patient_id, upload_id) REFERENCES anamnesis.upload (practice_id, patient_id, id),
    FOREIGN KEY (practice_id, patient_id, response_id) REFERENCES anamnesis.response (practice_id, patient_id, id)
);
CREATE INDEX upload_shown_by ON anamnesis.upload_shown (response_id);

-- What counts against the limits: a row of each patient, and one of the practice (patient_id NULL). Whoever adds to them locks the
-- practice's first, then the patient's.
CREATE TABLE anamnesis.upload_quota (
    practice_id uuid NOT NULL REFERENCES anamnesis.practice (id),
    patient_id  uuid,
    bytes       bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    open_count  integer NOT NULL DEFAULT 0 CHECK (open_count >= 0),
    CONSTRAINT upload_quota_key UNIQUE NULLS NOT DISTINCT (practice_id, patient_id)
) WITH (fillfactor = 50);

-- A download that was allowed: for one session, once, within a minute.
CREATE TABLE anamnesis.upload_grant (
    hash        bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    practice_id uuid NOT NULL,
    patient_id  uuid NOT NULL,
    upload_id   uuid NOT NULL,
    kind        text NOT NULL,
    session_id  uuid NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    FOREIGN KEY (practice_id, patient_id, upload_id) REFERENCES anamnesis.upload (practice_id, patient_id, id)
);
CREATE INDEX upload_grant_of ON anamnesis.upload_grant (upload_id);
CREATE INDEX upload_grant_by_time ON anamnesis.upload_grant (expires_at);

-- Objects to be removed from the store, and directories of parts: written by the transaction that makes them superfluous, emptied by jobs.
-- Names are random or an upload's, so that rows may outlive an erasure.
CREATE TABLE anamnesis.object_leaving (
    name        text PRIMARY KEY CHECK (name ~ '^(incoming/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|sealed/[0-9a-f]{2}/[0-9a-f]{30})$'),
    practice_id uuid NOT NULL REFERENCES anamnesis.practice (id),
    since       timestamptz NOT NULL DEFAULT now(),
    next_at     timestamptz NOT NULL DEFAULT now(),
    attempts    integer NOT NULL DEFAULT 0,
    until       timestamptz, -- an address may still lay parts down until then: removed now, and once more after it
    urgent      boolean NOT NULL DEFAULT false -- of an erased patient
) WITH (fillfactor = 80);
CREATE INDEX object_leaving_due ON anamnesis.object_leaving (urgent DESC, next_at);

-- What the scanning program last said of itself.
CREATE TABLE anamnesis.scanner (
    singleton     boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    seen_at       timestamptz NOT NULL DEFAULT now(),
    signatures    text NOT NULL CHECK (length(signatures) BETWEEN 1 AND 200),
    signatures_at timestamptz NOT NULL
);

CREATE TRIGGER moves BEFORE INSERT OR UPDATE ON anamnesis.upload FOR EACH ROW EXECUTE FUNCTION anamnesis.upload_moves();
CREATE TRIGGER leaves AFTER INSERT OR UPDATE OF state, salt ON anamnesis.upload FOR EACH ROW EXECUTE FUNCTION anamnesis.upload_leaves();
CREATE TRIGGER kept BEFORE DELETE ON anamnesis.upload FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER kept_all BEFORE TRUNCATE ON anamnesis.upload FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();
ALTER TABLE anamnesis.upload
    ENABLE ALWAYS TRIGGER moves, ENABLE ALWAYS TRIGGER leaves, ENABLE ALWAYS TRIGGER kept, ENABLE ALWAYS TRIGGER kept_all;
CREATE TRIGGER belongs BEFORE INSERT OR DELETE ON anamnesis.upload_object FOR EACH ROW EXECUTE FUNCTION anamnesis.upload_object_belongs();
CREATE TRIGGER as_written BEFORE UPDATE ON anamnesis.upload_object FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER as_written_all BEFORE TRUNCATE ON anamnesis.upload_object FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();
ALTER TABLE anamnesis.upload_object
    ENABLE ALWAYS TRIGGER belongs, ENABLE ALWAYS TRIGGER as_written, ENABLE ALWAYS TRIGGER as_written_all;
CREATE TRIGGER shown_for_ever BEFORE UPDATE OR DELETE ON anamnesis.upload_shown FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER shown_for_ever_all BEFORE TRUNCATE ON anamnesis.upload_shown FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();
ALTER TABLE anamnesis.upload_shown ENABLE ALWAYS TRIGGER shown_for_ever, ENABLE ALWAYS TRIGGER shown_for_ever_all;
