-- What the dashboard counts, read by the page of an index however many rows there are.

-- What is due, and what of it is each patient's.
CREATE INDEX assignment_due ON anamnesis.assignment (practice_id, due_at)
    WHERE status IN ('assigned', 'in-progress') AND due_at IS NOT NULL;
CREATE INDEX assignment_open_of_patient ON anamnesis.assignment (practice_id, patient_id, status, due_at)
    WHERE status IN ('assigned', 'in-progress');
CREATE INDEX invitation_pending ON anamnesis.invitation (practice_id, expires_at) WHERE status = 'pending';
CREATE INDEX review_now_of_assignee ON anamnesis.review_now (practice_id, assignee)
    WHERE assignee IS NOT NULL AND state IN ('new', 'in-review');

-- How many were completed, beside those that are not yet.
ALTER TABLE anamnesis.open_count ADD COLUMN completed bigint NOT NULL DEFAULT 0;
INSERT INTO anamnesis.open_count (practice_id, questionnaire_id, version, assigned, in_progress, completed)
SELECT practice_id, questionnaire_id, version, 0, 0, count(*)
FROM anamnesis.assignment
WHERE status = 'completed'
GROUP BY 1, 2, 3;
