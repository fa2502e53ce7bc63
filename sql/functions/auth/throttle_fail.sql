-- Notes a failed sign-in for the account and for the address; auth.throttle_note says how long each waits.
CREATE OR REPLACE FUNCTION auth.throttle_fail(p_account bytea, p_address bytea DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The same key twice: there is no account, only an address.
    IF p_account IS NOT NULL AND p_account IS DISTINCT FROM p_address THEN
        PERFORM auth.throttle_note(p_account, 3, 100, interval '100 years');
    END IF;
    IF p_address IS NOT NULL THEN
        PERFORM auth.throttle_note(p_address, 30, 2147483647, interval '1 hour');
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION auth.throttle_fail(bytea,bytea) TO anamnesis_api;
