-- revision_now :one (kind text, id uuid?) -> (revision int?)
-- The present revision of what an operation changes, by the kind that the contract names; NULL when there is none that the actor sees.
SELECT CASE $1
    WHEN 'questionnaire' THEN (SELECT q.revision FROM anamnesis.questionnaire q WHERE q.practice_id = auth.practice() AND q.id = $2)
    WHEN 'value-set' THEN (SELECT v.revision FROM anamnesis.value_set v WHERE v.practice_id = auth.practice() AND v.id = $2)
    WHEN 'patient' THEN (SELECT p.revision FROM anamnesis.patient p WHERE p.practice_id = auth.practice() AND p.id = coalesce($2, auth.patient()))
    WHEN 'response' THEN (SELECT r.revision FROM anamnesis.response r WHERE r.practice_id = auth.practice() AND r.id = $2)
    WHEN 'staff' THEN (SELECT s.revision FROM anamnesis.staff s WHERE s.practice_id = auth.practice() AND s.id = coalesce($2, auth.actor()))
    WHEN 'passkey' THEN (SELECT k.revision FROM auth.passkeys($2) k)
    WHEN 'practice' THEN (SELECT c.revision FROM anamnesis.practice c WHERE c.id = auth.practice())
END
