-- Notes a failed try; parameters as auth.throttle_keys.
CREATE OR REPLACE FUNCTION auth.throttle_fail(p_realm text, p_indexes bytea[], p_account uuid, p_key bytea,
                                              p_device bytea, p_address bytea, p_network bytea, p_site bytea)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.begun(auth.actor());
    PERFORM auth.throttle_note(k.key, k.free, k.most, k.forget,
                              CASE WHEN k.key = p_key THEN coalesce(p_site, p_network) END)
    FROM auth.throttle_keys(p_realm, p_indexes, p_account, p_key, p_device, p_address, p_network, p_site) AS k;
END
$$;
GRANT EXECUTE ON FUNCTION auth.throttle_fail(text,bytea[],uuid,bytea,bytea,bytea,bytea,bytea) TO anamnesis_api;
