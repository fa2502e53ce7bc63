-- my_access_log :many (before_at timestamptz?, before_id bigint?, fetch int, key_ids uuid[], keys bytea[], own_key bytea) -> (id bigint, at timestamptz, realm text, actor_id uuid?, role text?, operation text, detail text?, opened bool, wrapped_key bytea?, name text?, reason text?, languages text)
-- What others did with the patient's data. Rows whose actor's key was not among the given ones come with it, wrapped. Languages: the patients, then the practices.
SELECT l.id, l.at, l.realm, l.actor_id, l.role, l.operation, l.detail, k.key IS NOT NULL OR l.name IS NULL,
       CASE WHEN k.key IS NULL THEN l.wrapped_key END, phi.open(k.key, 'staff.name:' || l.actor_id::text, l.name),
       phi.open($6, 'break_glass.reason:' || l.glass_id::text, l.reason),
       (SELECT concat_ws(', ', p.language, c.language)
        FROM anamnesis.patient p JOIN anamnesis.practice c ON c.id = p.practice_id WHERE p.id = (SELECT auth.patient()))
FROM audit.access_log($1, $2, $3) AS l
LEFT JOIN unnest($4::uuid[], $5::bytea[]) AS k (id, key) ON k.id = l.actor_id
