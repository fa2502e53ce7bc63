-- When the proven session ends at the latest.
CREATE OR REPLACE FUNCTION auth.session_expires_at() RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$ BEGIN RETURN (SELECT s.expires_at FROM auth.session s WHERE s.id = auth.session()); END $$;
GRANT EXECUTE ON FUNCTION auth.session_expires_at() TO anamnesis_api;
