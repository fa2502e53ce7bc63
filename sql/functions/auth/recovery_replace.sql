-- New recovery codes; all old ones end. Only after a second factor in the same transaction, or in a session that is fresh.
CREATE OR REPLACE FUNCTION auth.recovery_replace(p_realm text, p_account uuid, p_hashes bytea[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.begun(p_account);
    IF cardinality(p_hashes) > 20
        OR NOT (auth.factor_is_fresh(p_account) OR (p_account = auth.actor() AND auth.is_fresh())) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'recovery codes need a fresh second factor';
    END IF;
    DELETE FROM auth.recovery_code r WHERE r.account_id = p_account;
    INSERT INTO auth.recovery_code (account_id, code_hash)
    SELECT a.id, h.hash FROM auth.account a, unnest(p_hashes) AS h (hash)
    WHERE a.id = p_account AND a.realm = p_realm AND auth.has_factor(a.id);
END
$$;
GRANT EXECUTE ON FUNCTION auth.recovery_replace(text,uuid,bytea[]) TO anamnesis_api;
