-- Spends the token and sets the password; the second factor stays in force (ASVS 6.4.3). False: another was faster.
--
-- A link to a patient's address proves that it is they, and ends a hold for which the mailbox counts. While the former
-- address may object to one that staff proposed, it proves nothing: what was answered before is held.
CREATE OR REPLACE FUNCTION auth.reset_finish(p_realm text, p_token_hash bytea, p_password_hash text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    account uuid;
    before text;
BEGIN
    PERFORM auth.begun(NULL);
    UPDATE auth.challenge c SET used_at = now()
    WHERE c.token_hash = p_token_hash AND c.realm = p_realm AND c.purpose = 'reset' AND c.used_at IS NULL
      AND c.expires_at > now()
    RETURNING c.account_id INTO account;
    IF account IS NULL THEN
        RETURN false;
    END IF;
    SELECT a.password_hash INTO before FROM auth.account a WHERE a.id = account FOR NO KEY UPDATE;
    IF auth.address_recent(account) IS NOT NULL THEN
        PERFORM auth.hold(account, before, auth.address_recent(account), false);
    ELSE
        PERFORM auth.unhold(account) FROM auth.account a WHERE a.id = account AND a.held_mail;
    END IF;
    UPDATE auth.account a SET password_hash = p_password_hash WHERE a.id = account AND a.realm = p_realm;
    PERFORM auth.end_all(account, NULL);
    RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION auth.reset_finish(text,bytea,text) TO anamnesis_api;
