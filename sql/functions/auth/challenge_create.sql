-- The password was right in this generation of the account; what is missing is the second factor (purpose 'mfa'), or
-- enrolling one ('enrol'). False when the account was shut, or all of it ended, since then.
CREATE OR REPLACE FUNCTION auth.challenge_create(p_token_hash bytea, p_realm text, p_account uuid, p_purpose text,
                                                 p_delivery text, p_expires_at timestamptz, p_generation integer)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    practice uuid;
BEGIN
    PERFORM auth.begun(p_account);
    IF NOT auth.still(p_realm, p_account, p_generation) THEN
        RETURN false;
    END IF;
    INSERT INTO auth.challenge (token_hash, practice_id, realm, account_id, purpose, delivery, expires_at)
    SELECT p_token_hash, a.practice_id, a.realm, a.id, p_purpose, p_delivery,
           least(p_expires_at, now() + interval '15 minutes')
    FROM auth.account a
    WHERE a.id = p_account AND a.realm = p_realm
      -- Who has a second factor is never let through to enrol another one; who has none cannot be asked for it.
      AND auth.has_factor(a.id) = (p_purpose = 'mfa')
    RETURNING practice_id INTO practice;
    IF practice IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'AN409', MESSAGE = 'the account does not take this challenge';
    END IF;
    PERFORM auth.concerns(practice, p_account);
    RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION auth.challenge_create(bytea,text,uuid,text,text,timestamp with time zone,integer) TO anamnesis_api;
