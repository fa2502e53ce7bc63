-- The first statement of a transaction without a session: nobody is acting. Only for those who have the keyring: what they
-- show is derived from the pepper. AN500 when it is not, or the database was migrated without the keyring.
CREATE OR REPLACE FUNCTION auth.anonymous(p_operation text, p_request_id uuid, p_client_address text, p_door bytea) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    pinned text;
BEGIN
    IF NOT EXISTS (SELECT FROM auth.key_check k
                   WHERE k.kind = 'pepper' AND k.door = sha256(p_door) AND k.retired_at IS NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500',
            MESSAGE = 'the caller does not have the keyring, or `anamnesis migrate` was run without it';
    END IF;
    pinned := auth.pin(3, '{0,0,0,0,0,0}', p_request_id, p_operation, p_client_address);
END
$$;
GRANT EXECUTE ON FUNCTION auth.anonymous(text,uuid,text,bytea) TO anamnesis_api;
