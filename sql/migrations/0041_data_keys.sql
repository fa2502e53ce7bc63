-- Patients' data keys in a narrow table of their own. Erasing a patient deletes the row, but what a row held stays in the
-- table's file and in the write-ahead log until both are written anew. A table of some 150 bytes a patient is rewritten in
-- a moment, as often as somebody is erased; a patient's own row, with everything sealed, is not.
--
-- Staff's keys stay in anamnesis.staff: nobody of the staff is erased, because the audit log names them.

CREATE TABLE anamnesis.data_key (
    patient_id  uuid PRIMARY KEY,
    practice_id uuid NOT NULL,
    wrapped_key bytea NOT NULL CHECK (octet_length(wrapped_key) BETWEEN 60 AND 200),
    FOREIGN KEY (practice_id, patient_id) REFERENCES anamnesis.patient (practice_id, id)
);
-- In the row itself, and nowhere else: neither in a TOAST table, nor as a sample in pg_statistic.
ALTER TABLE anamnesis.data_key ALTER COLUMN wrapped_key SET STORAGE PLAIN, ALTER COLUMN wrapped_key SET STATISTICS 0;

INSERT INTO anamnesis.data_key (patient_id, practice_id, wrapped_key)
SELECT p.id, p.practice_id, p.wrapped_key FROM anamnesis.patient p WHERE p.wrapped_key IS NOT NULL ORDER BY p.id;

ALTER TABLE anamnesis.patient DROP COLUMN wrapped_key; -- and patient_erased_or_whole, which named it
ALTER TABLE anamnesis.patient ADD CONSTRAINT patient_erased_or_whole CHECK (CASE status
    WHEN 'erased' THEN num_nonnulls(given_name, family_name, birth_date, email, record_number, email_index) = 0
    ELSE num_nulls(given_name, family_name, birth_date, email, email_index) = 0 END);

-- Whose key was destroyed, until nothing of it is left on the server (auth.keys_rewrite and its kin).
CREATE TABLE auth.erasure (
    patient_id   uuid PRIMARY KEY,
    practice_id  uuid NOT NULL,
    position     xid8 NOT NULL DEFAULT pg_current_xact_id(), -- who began before it may still see the row
    erased_at    timestamptz NOT NULL DEFAULT now(),
    rewritten_at timestamptz, -- the table of keys was written anew without it
    passed_at    timestamptz, -- what the server writes since then is in another file of the write-ahead log
    touched_at   timestamptz, -- every file of that log was written to since, but for the rest of the present one
    CHECK (num_nulls(erased_at, rewritten_at, passed_at, touched_at) = CASE
        WHEN rewritten_at IS NULL THEN 3 WHEN passed_at IS NULL THEN 2 WHEN touched_at IS NULL THEN 1 ELSE 0 END)
);
INSERT INTO auth.erasure (patient_id, practice_id)
SELECT p.id, p.practice_id FROM anamnesis.patient p WHERE p.status = 'erased';

-- Written anew without the column that is gone: it would stay in the rows, also in those that nobody sees any more.
CLUSTER anamnesis.patient USING patient_pkey;
ALTER TABLE anamnesis.patient SET WITHOUT CLUSTER;
