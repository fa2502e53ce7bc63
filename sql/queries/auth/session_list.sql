-- session_list :many () -> (id uuid, created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz, client_address text, user_agent text?, present bool)
-- Where the signed-in account is signed in.
SELECT id, created_at, last_seen_at, expires_at, client_address, user_agent, present
FROM auth.sessions(), (SELECT audit.about((SELECT auth.patient()))) AS whose
