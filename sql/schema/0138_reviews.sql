-- What staff does with what comes back: each step as it was written, and where each response stands now.

CREATE TABLE anamnesis.review (
    id          uuid PRIMARY KEY DEFAULT anamnesis.uuid_v7(),
    practice_id uuid NOT NULL,
    patient_id  uuid NOT NULL,
    response_id uuid NOT NULL,
    number      integer NOT NULL CHECK (number >= 1),
    state       text NOT NULL CHECK (state IN ('in-review', 'reviewed')),
    assignee    uuid,
    note        phi.sealed, -- with the patient's key
    staff_id    uuid NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT review_number_key UNIQUE (response_id, number),
    FOREIGN KEY (practice_id, patient_id, response_id) REFERENCES anamnesis.response (practice_id, patient_id, id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES anamnesis.staff (practice_id, id),
    FOREIGN KEY (practice_id, assignee) REFERENCES anamnesis.staff (practice_id, id)
);
CREATE TRIGGER as_written BEFORE UPDATE OR DELETE ON anamnesis.review FOR EACH ROW EXECUTE FUNCTION anamnesis.refuse_change();
CREATE TRIGGER as_written_all BEFORE TRUNCATE ON anamnesis.review FOR EACH STATEMENT EXECUTE FUNCTION anamnesis.refuse_change();
ALTER TABLE anamnesis.review ENABLE ALWAYS TRIGGER as_written;
ALTER TABLE anamnesis.review ENABLE ALWAYS TRIGGER as_written_all;

-- One row for each completed response; `superseded`: an amendment has taken its place before anybody was done with it. A column
-- of the response would be a change of what never changes again, and what is not read yet is little beside what is.
CREATE TABLE anamnesis.review_now (
    response_id uuid PRIMARY KEY,
    practice_id uuid NOT NULL,
    patient_id  uuid NOT NULL,
    state       text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'in-review', 'reviewed', 'superseded')),
    assignee    uuid,
    number      integer NOT NULL DEFAULT 0 CHECK (number >= 0), -- of the newest step; 0: none
    FOREIGN KEY (practice_id, patient_id, response_id) REFERENCES anamnesis.response (practice_id, patient_id, id),
    FOREIGN KEY (practice_id, assignee) REFERENCES anamnesis.staff (practice_id, id)
);
CREATE INDEX review_now_of_practice ON anamnesis.review_now (practice_id, state, response_id);
CREATE INDEX review_now_of_patient ON anamnesis.review_now (practice_id, patient_id, state, response_id);

-- What was completed before is to be read as well: nobody has said yet that it was.
INSERT INTO anamnesis.review_now (response_id, practice_id, patient_id)
SELECT r.id, r.practice_id, r.patient_id
FROM anamnesis.response r
WHERE r.status IN ('completed', 'amended')
  AND NOT EXISTS (SELECT FROM anamnesis.response a WHERE a.amends = r.id AND a.status = 'amended');

CREATE TRIGGER review_begins AFTER UPDATE OF status ON anamnesis.response
    FOR EACH ROW WHEN (NEW.status IN ('completed', 'amended') AND OLD.status = 'in-progress')
    EXECUTE FUNCTION anamnesis.review_begins();
ALTER TABLE anamnesis.response ENABLE ALWAYS TRIGGER review_begins;
