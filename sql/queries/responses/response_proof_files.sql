-- response_proof_files :many (id uuid, key bytea) -> (id uuid, link_id text, content_type text, filename text, size bigint, declared bytea)
-- The files that a completed response shows, whatever became of them since.
SELECT u.id, u.link_id, u.type, phi.open($2, 'upload.name:' || u.id::text, u.name), u.size, u.declared
FROM anamnesis.upload_shown s
JOIN anamnesis.upload u ON u.id = s.upload_id AND u.state <> 'erased'
WHERE s.practice_id = (SELECT auth.practice()) AND s.response_id = $1
ORDER BY u.id
