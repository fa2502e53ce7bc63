-- my_response_migrated :exec (id uuid, revision int, key bytea, answers text, answered int, total int, required_missing int)
-- The answers that fit the newer version, if nobody has saved since they were read.
UPDATE anamnesis.response
SET answers = phi.seal($3, 'response.answers:' || id::text, $4), revision = revision + 1, version_revision = revision + 1,
    updated_at = greatest(now(), started_at), answered = $5, total = $6, required_missing = $7
WHERE patient_id = (SELECT auth.patient()) AND id = $1 AND revision = $2
