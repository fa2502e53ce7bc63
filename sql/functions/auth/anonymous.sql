-- The first statement of a transaction without a session: nobody is acting.
CREATE OR REPLACE FUNCTION auth.anonymous(p_operation text, p_request_id uuid, p_client_address text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    dummy text;
BEGIN
    dummy := set_config('anamnesis.realm', 'none', true)
          || set_config('anamnesis.practice_id', '', true)
          || set_config('anamnesis.actor_id', '', true)
          || set_config('anamnesis.patient_id', '', true)
          || set_config('anamnesis.role', '', true)
          || set_config('anamnesis.session_id', '', true)
          || set_config('anamnesis.operation', p_operation, true)
          || set_config('anamnesis.request_id', p_request_id::text, true)
          || set_config('anamnesis.client_address', left(p_client_address, 64), true);
END
$$;
GRANT EXECUTE ON FUNCTION auth.anonymous(text,uuid,text) TO anamnesis_api;
