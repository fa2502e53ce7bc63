-- Somebody has shown again that the account is theirs: its failures by strangers, and their own here, are forgotten.
-- Parameters as auth.throttle_keys.
CREATE OR REPLACE FUNCTION auth.throttle_clear(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea,
                                               p_device bytea, p_address bytea) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.begun(auth.actor());
    DELETE FROM auth.throttle t
    WHERE t.key = p_key
       OR t.key IN (SELECT k.key FROM auth.throttle_keys(p_realm, p_indexes, p_account, p_key, p_device, p_address, NULL,
                                                         NULL) AS k);
END
$$;
GRANT EXECUTE ON FUNCTION auth.throttle_clear(text,bytea[],uuid,bytea,bytea,bytea) TO anamnesis_api;
