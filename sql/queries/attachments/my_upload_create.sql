-- my_upload_create :one! (id uuid, response_id uuid, link_id text, type text, size bigint, parts int, key bytea, name text, declared bytea, salt bytea, files_key bytea) -> (outcome enum(created|limit-patient|limit-practice|limit-open|limit-day|signatures-old|not-open))
SELECT c.outcome
FROM (SELECT anamnesis.upload_create($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS outcome) c
WHERE c.outcome IS NOT NULL
