-- session_list :many () -> (id uuid, created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz, client_address text, user_agent text?, present bool)
-- Where the signed-in account is signed in. A patient is named first, in whichever order the two are read.
SELECT s.id, s.created_at, s.last_seen_at, s.expires_at, s.client_address, s.user_agent, s.present
FROM (SELECT audit.about((SELECT auth.patient())) AS patient OFFSET 0) me
CROSS JOIN LATERAL (
    SELECT o.*
    FROM auth.sessions() o
    WHERE me.patient IS NOT DISTINCT FROM (SELECT auth.patient())
    OFFSET 0) s
