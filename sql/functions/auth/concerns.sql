-- Notes whom an unfinished sign-in or a registration is about, for the audit row; what a session proved stays. The realm stays
-- 'none', so row-level security shows nothing more. AN403 when nobody has begun.
CREATE OR REPLACE FUNCTION auth.concerns(p_practice uuid, p_account uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.begun(auth.actor());
    PERFORM auth.pin(3, auth.pins(p_practice, p_account, NULL), a.request_id, a.operation, a.client_address)
    FROM auth.acting() a WHERE a.realm = 'none';
END
$$;
