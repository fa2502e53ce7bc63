-- response_review_add :one! (id uuid, response_id uuid, after int, state text, assignee uuid?, key bytea, note text?) -> (outcome enum(added|moved-on|nobody|not-completed))
-- A step of the review; the note is sealed with the patient's key.
SELECT c.outcome
FROM (SELECT anamnesis.review_add($1, $2, $3, $4, $5, phi.seal($6, 'review.note:' || $1::uuid::text, $7)) AS outcome) c
WHERE c.outcome IS NOT NULL
