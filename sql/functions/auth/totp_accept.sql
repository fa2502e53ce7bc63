-- Accepts a step of the account's authenticator once: true for one of any number of racing requests. A step that is
-- more than one ahead of this clock (RFC 6238 section 5.2: one of skew) would be good for later: it is none.
CREATE OR REPLACE FUNCTION auth.totp_accept(p_realm text, p_account uuid, p_step bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.begun(p_account);
    PERFORM auth.hold_person(p_realm, p_account); -- before the account, which a session that is made in this transaction needs as well
    UPDATE auth.account a SET totp_step = p_step, factor_xact = pg_current_xact_id()
    WHERE a.id = p_account AND a.realm = p_realm AND a.totp_sealed IS NOT NULL AND a.totp_step < p_step
      AND p_step <= floor(extract(epoch FROM clock_timestamp()) / 30) + 1;
    RETURN FOUND;
END
$$;
GRANT EXECUTE ON FUNCTION auth.totp_accept(text,uuid,bigint) TO anamnesis_api;
