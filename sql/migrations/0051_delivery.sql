-- Staff can ask what became of a message: of an invitation, of a member of staff's link, of all to a patient.
ALTER TABLE anamnesis.outbox
    ADD COLUMN invitation_id uuid, -- whose link it carries; rows from before say none
    ADD COLUMN staff_id uuid,
    ADD COLUMN state text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN failed_at IS NOT NULL THEN 'given-up' ELSE 'queued' END) STORED,
    ADD COLUMN state_at timestamptz NOT NULL GENERATED ALWAYS AS (coalesce(sent_at, failed_at, created_at)) STORED;
CREATE INDEX outbox_of_invitation ON anamnesis.outbox (invitation_id, id) WHERE invitation_id IS NOT NULL;
CREATE INDEX outbox_of_staff ON anamnesis.outbox (staff_id, id) WHERE staff_id IS NOT NULL;
CREATE INDEX outbox_of_practice ON anamnesis.outbox (practice_id, created_at);
DROP INDEX anamnesis.outbox_of_patient;
CREATE INDEX outbox_of_patient ON anamnesis.outbox (patient_id, id) WHERE patient_id IS NOT NULL;
