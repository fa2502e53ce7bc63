-- The account that was chosen; the choice is spent. No row when it is unknown, too old or used.
CREATE OR REPLACE FUNCTION auth.choice_claim(p_token_hash bytea, p_realm text)
RETURNS TABLE (account_id uuid, delivery text, has_totp boolean, has_passkey boolean, mfa_required boolean,
               generation integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    practice uuid;
BEGIN
    PERFORM auth.begun(NULL);
    UPDATE auth.challenge c SET used_at = now()
    WHERE c.token_hash = p_token_hash AND c.realm = p_realm AND c.purpose = 'choose' AND c.used_at IS NULL
      AND c.expires_at > now()
    RETURNING c.account_id, c.delivery, c.practice_id
    INTO choice_claim.account_id, choice_claim.delivery, practice;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM auth.concerns(practice, choice_claim.account_id);
    SELECT a.totp_sealed IS NOT NULL, EXISTS (SELECT FROM auth.passkey k WHERE k.account_id = a.id),
           auth.needs_factor(a.id), a.generation
    INTO choice_claim.has_totp, choice_claim.has_passkey, choice_claim.mfa_required,
         choice_claim.generation
    FROM auth.account a WHERE a.id = choice_claim.account_id;
    RETURN NEXT;
END
$$;
GRANT EXECUTE ON FUNCTION auth.choice_claim(bytea,text) TO anamnesis_api;
