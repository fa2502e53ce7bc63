-- Notes whom an unfinished sign-in or a registration is about, for the audit row; what a session proved stays. The realm stays
-- 'none', so row-level security shows nothing more. AN403 when nobody has begun.
CREATE OR REPLACE FUNCTION auth.concerns(p_practice uuid, p_account uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    nobody text := '00000000-0000-0000-0000-000000000000';
BEGIN
    PERFORM auth.begun(auth.actor());
    PERFORM set_config('anamnesis.actor', auth.signed(k.secret,
        'n--' || coalesce(p_practice::text, nobody) || coalesce(p_account::text, nobody) || nobody || a.request_id::text
        || rpad(a.operation, 64) || rpad(a.client_address, 64)), true)
    FROM auth.acting a, auth.proof_key k WHERE a.realm = 'none';
END
$$;
