-- One try at a challenge, counted; no row when it is unknown, too old, used, or out of tries (5; 10 for enrolling,
-- where nothing is guessed). The row stays locked: racing requests come one by one.
CREATE OR REPLACE FUNCTION auth.challenge_claim(p_token_hash bytea, p_realm text, p_purpose text)
RETURNS TABLE (account_id uuid, practice_id uuid, delivery text, totp_sealed bytea, totp_pending bytea,
               totp_step bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM auth.begun(NULL);
    UPDATE auth.challenge c SET tries = c.tries + 1
    WHERE c.token_hash = p_token_hash AND c.realm = p_realm AND c.purpose = p_purpose AND c.used_at IS NULL
      AND c.expires_at > now() AND c.tries < CASE c.purpose WHEN 'enrol' THEN 10 ELSE 5 END
    RETURNING c.account_id, c.practice_id, c.delivery
    INTO challenge_claim.account_id, challenge_claim.practice_id, challenge_claim.delivery;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM auth.concerns(challenge_claim.practice_id, challenge_claim.account_id);
    SELECT a.totp_sealed, a.totp_pending, a.totp_step
    INTO challenge_claim.totp_sealed, challenge_claim.totp_pending, challenge_claim.totp_step
    FROM auth.account a WHERE a.id = challenge_claim.account_id;
    RETURN NEXT;
END
$$;
GRANT EXECUTE ON FUNCTION auth.challenge_claim(bytea,text,text) TO anamnesis_api;
