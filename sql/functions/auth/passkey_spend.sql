-- Spends a challenge that was given to this account (NULL: to nobody in particular); true once, and in time.
CREATE OR REPLACE FUNCTION auth.passkey_spend(p_realm text, p_purpose text, p_challenge_hash bytea, p_account uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    good boolean;
BEGIN
    PERFORM auth.begun(p_account);
    PERFORM auth.hold_person(p_realm, p_account); -- before the account, which a session that is made in this transaction needs as well
    DELETE FROM auth.passkey_challenge h
    WHERE h.challenge_hash = p_challenge_hash AND h.realm = p_realm AND h.purpose = p_purpose
      AND h.account_id IS NOT DISTINCT FROM p_account
    RETURNING h.expires_at > now() INTO good;
    IF good AND p_account IS NOT NULL THEN
        UPDATE auth.account a SET passkey_asked = pg_current_xact_id(), passkey_purpose = p_purpose
        WHERE a.id = p_account AND a.realm = p_realm;
        good := FOUND;
        PERFORM audit.about(p_account) WHERE p_realm = 'patient';
    END IF;
    RETURN coalesce(good, false);
END
$$;
GRANT EXECUTE ON FUNCTION auth.passkey_spend(text,text,bytea,uuid) TO anamnesis_api;
