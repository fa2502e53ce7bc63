-- media_read :one! (id uuid, key bytea?) -> (id uuid, patient_id uuid, response_id uuid, questionnaire_id uuid, link_id text, content_type text, size bigint?, filename text?, status text, reason text?, signature text?, created_at timestamptz, completed_at timestamptz?, decided_at timestamptz?, width int?, height int?, seconds int?, thumbnail text?, view text?, pages int, document_pages int?, has_original bool, removed_at timestamptz?, removed_by uuid?, removal_reason text?)
-- One file, with what the actor may have of it. What it was found infected with, and why it was removed, is for owners.
SELECT u.id, audit.about(u.patient_id), u.response_id, u.questionnaire_id, u.link_id, u.type, u.size,
       phi.open($2, 'upload.name:' || u.id::text, u.name),
       CASE WHEN u.state = 'infected' AND NOT a.is_owner THEN 'rejected' ELSE u.state END, u.reason,
       CASE WHEN a.is_owner THEN u.signature END, u.created_at, u.completed_at, u.decided_at, u.width, u.height, u.seconds,
       CASE WHEN 'thumbnail' = ANY (o.kinds) THEN '/admin/media/' || u.id::text || '/thumbnail' END,
       CASE WHEN o.kinds && ARRAY['view', 'page-1'] THEN '/admin/media/' || u.id::text || '/view' END,
       (SELECT count(*)::int FROM unnest(o.kinds) AS k (kind) WHERE k.kind LIKE 'page-%'), u.pages, 'original' = ANY (o.kinds),
       u.removed_at, u.removed_by,
       CASE WHEN a.is_owner THEN phi.open($2, 'upload.removal_reason:' || u.id::text, u.removal_reason) END
FROM anamnesis.upload u
CROSS JOIN (SELECT auth.role() IS NOT DISTINCT FROM 'owner' AS is_owner) a
CROSS JOIN LATERAL (SELECT coalesce(array_agg(o.kind), '{}') AS kinds FROM anamnesis.upload_object o WHERE o.upload_id = u.id) o
WHERE u.id = $1
