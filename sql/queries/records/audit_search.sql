-- audit_search :many (actor uuid?, patient uuid?, operation text?, outcome text?, since timestamptz?, until timestamptz?, before_at timestamptz?, before_id bigint?, fetch int) -> (id bigint, at timestamptz, realm text, actor_id uuid?, role text?, session_id uuid?, client_address text, request_id uuid, operation text, object_id uuid?, patient_ids text, outcome text, detail text?)
-- Rows of the practice's audit log, newest first.
SELECT e.id, e.at, e.realm::text, e.actor_id, e.role, e.session_id, e.client_address, e.request_id, e.operation, e.object_id,
       concat_ws(',', e.patient_id, array_to_string(e.patient_ids, ',')), e.outcome, e.detail
FROM audit.search($1, $2, $3, $4, $5, $6, $7, $8, $9) AS e
