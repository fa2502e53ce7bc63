-- Where the signed-in account is signed in, the newest first.
CREATE OR REPLACE FUNCTION auth.sessions()
RETURNS TABLE (id uuid, created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz, client_address text,
               user_agent text, present boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.id, s.created_at, s.last_seen_at, s.expires_at, s.client_address, s.user_agent, s.id = auth.session()
    FROM auth.session s
    WHERE s.account_id = auth.actor() AND s.realm = auth.realm() AND s.ended_at IS NULL AND s.expires_at > now()
      AND s.last_seen_at > now() - s.idle_seconds * interval '1 second'
    ORDER BY s.id DESC LIMIT 200
$$;
GRANT EXECUTE ON FUNCTION auth.sessions() TO anamnesis_api;
