-- job_seal_rows :many (since bigint?, upto bigint, most int) -> (position bigint, id bigint, at timestamptz, practice_id bytea?, realm text, actor_id bytea?, role text?, session_id bytea?, client_address text, request_id bytea, operation text, object_id bytea?, patient_ids bytea, outcome text, detail text?)
-- Rows that are not sealed yet, in the log's order. patient_ids is the array of both columns, as it is sent.
SELECT e.position, e.id, e.at, uuid_send(e.practice_id), e.realm::text, uuid_send(e.actor_id), e.role, uuid_send(e.session_id),
       e.client_address, uuid_send(e.request_id), e.operation, uuid_send(e.object_id),
       array_send(CASE WHEN e.patient_id IS NULL THEN coalesce(e.patient_ids, '{}') ELSE e.patient_id || e.patient_ids END),
       e.outcome, e.detail
FROM audit.event e
WHERE ($1::bigint IS NULL OR e.position >= $1) AND e.position < $2
ORDER BY e.position, e.id
LIMIT $3
