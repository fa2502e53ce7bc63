-- media_list :many (patient_id uuid?, questionnaire_id uuid?, link_id text?, type text?, state text?, since timestamptz?, until timestamptz?, before uuid?, fetch int) -> (id uuid, patient_id uuid, response_id uuid, questionnaire_id uuid, link_id text, content_type text, size bigint?, status text, reason text?, created_at timestamptz, decided_at timestamptz?, width int?, height int?, seconds int?, thumbnail text?)
-- Newest first. What is infected is for owners to know; for others it is rejected.
WITH page AS MATERIALIZED (
    SELECT * FROM anamnesis.upload_page($1, $2, $3, $4, CASE WHEN $5::text IS NOT NULL THEN ARRAY[$5::text] END, $6, $7, $8, $9))
SELECT u.id, audit.about(u.patient_id), u.response_id, u.questionnaire_id, u.link_id, u.type, u.size,
       CASE WHEN u.state = 'infected' AND (SELECT auth.role()) IS DISTINCT FROM 'owner' THEN 'rejected' ELSE u.state END, u.reason,
       u.created_at, u.decided_at, u.width, u.height, u.seconds,
       (SELECT '/admin/media/' || o.upload_id::text || '/thumbnail' FROM anamnesis.upload_object o
        WHERE o.upload_id = u.id AND o.kind = 'thumbnail')
FROM page u
ORDER BY u.id DESC
