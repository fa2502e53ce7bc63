-- Uses up a recovery code, given as its hashes under each pepper; true once.
CREATE OR REPLACE FUNCTION auth.recovery_use(p_realm text, p_account uuid, p_hashes bytea[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.begun(p_account);
    PERFORM auth.hold_person(p_realm, p_account); -- before the account, which a session that is made in this transaction needs as well
    UPDATE auth.recovery_code r SET used_at = now()
    WHERE r.account_id = p_account AND r.code_hash = ANY (p_hashes) AND r.used_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE auth.account a SET factor_xact = pg_current_xact_id() WHERE a.id = p_account AND a.realm = p_realm;
    RETURN FOUND;
END
$$;
GRANT EXECUTE ON FUNCTION auth.recovery_use(text,uuid,bytea[]) TO anamnesis_api;
