-- outbox_insert :exec (id uuid, kind text, sealed bytea, for_staff bool, invitation_id uuid?, staff_id uuid?)
-- A message to send, sealed by the process, in the transaction that caused it; it goes when the patient is erased.
INSERT INTO anamnesis.outbox (id, practice_id, kind, sealed, patient_id, for_staff, invitation_id, staff_id)
VALUES ($1, (SELECT auth.practice()), $2, $3, (audit.named())[1], $4, $5, $6)
