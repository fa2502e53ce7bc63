-- A row of the audit log is written by every request, so it is made of what costs least there. The realm is a type and no CHECK,
-- which is parsed anew by every statement that inserts. One patient is a column with a b-tree; only lists are arrays, and only
-- these are in the GIN. What is hashed, exported and sealed stays as it was: the list is patient_id and then patient_ids.
--
-- event_of_words finds rows of a rare operation or outcome (audit.search). Words compare by bytes: in an index they cost less than
-- by a language's order. The position keeps its b-tree: a BRIN in its place cost each insert more than appending to a b-tree.
--
-- One pass over the table moves what is there; no trigger refuses it, since no row is updated.
--
-- Requests lock responses and assignments first, and write their audit row last. What this and the next files write anew is locked before
-- anything is done, so that a request that is under way costs a second's deadlock here, and not the pass.
LOCK TABLE anamnesis.response, anamnesis.assignment, audit.event IN ACCESS EXCLUSIVE MODE;
CREATE TYPE audit.realm AS ENUM ('staff', 'patient', 'system', 'none');
DROP INDEX audit.event_of_patient;
ALTER TABLE audit.event ADD COLUMN patient_id uuid;
ALTER TABLE audit.event
    DROP CONSTRAINT event_realm_check1,
    ALTER COLUMN realm TYPE audit.realm USING realm::audit.realm,
    ALTER COLUMN operation TYPE text COLLATE "C",
    ALTER COLUMN outcome TYPE text COLLATE "C",
    ALTER COLUMN patient_ids DROP DEFAULT,
    ALTER COLUMN patient_ids DROP NOT NULL,
    ALTER COLUMN patient_id TYPE uuid USING CASE WHEN cardinality(patient_ids) = 1 THEN patient_ids[1] END,
    ALTER COLUMN patient_ids TYPE uuid[] USING CASE cardinality(patient_ids) WHEN 0 THEN NULL
        WHEN num_nonnulls(patient_ids[1]) THEN NULL ELSE patient_ids END; -- an only element that is null stays
CREATE INDEX event_of_patient ON audit.event (patient_id, at, id);
CREATE INDEX event_of_patients ON audit.event USING gin (patient_ids) WHERE patient_ids IS NOT NULL;
CREATE INDEX event_of_words ON audit.event (practice_id, operation, outcome, at, id);
