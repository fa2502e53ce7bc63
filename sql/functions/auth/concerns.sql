-- Notes whom an unfinished sign-in or a registration is about, for the audit row. The realm stays 'none', so
-- row-level security shows nothing more. Only for the functions below.
CREATE OR REPLACE FUNCTION auth.concerns(p_practice uuid, p_account uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    dummy text;
BEGIN
    IF auth.realm() IS DISTINCT FROM 'staff' AND auth.realm() IS DISTINCT FROM 'patient' THEN
        dummy := set_config('anamnesis.practice_id', p_practice::text, true)
              || set_config('anamnesis.actor_id', coalesce(p_account::text, ''), true);
    END IF;
END
$$;
