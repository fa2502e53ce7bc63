-- Begins a ceremony: notes the challenge, and gives whose it is with what the account has (a row for each passkey, one
-- without when there is none). Whose: nobody's yet for 'sign-in'; for 'mfa', and for 'register' without a session, that
-- of the unfinished sign-in; else the actor. No row when there is no such sign-in or actor. AN430 when a second factor
-- may be added in a fresh session only. What is left of older challenges is swept up on the way: an account has ten.
CREATE OR REPLACE FUNCTION auth.passkey_begin(p_realm text, p_purpose text, p_challenge_hash bytea, p_token_hash bytea)
RETURNS TABLE (account_id uuid, handle uuid, practice_name text, wrapped_key bytea, passkey_id uuid, passkey_sealed bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    whose uuid := auth.actor();
    practice uuid;
BEGIN
    PERFORM auth.begun(auth.actor());
    DELETE FROM auth.passkey_challenge WHERE challenge_hash IN (
        SELECT h.challenge_hash FROM auth.passkey_challenge h WHERE h.expires_at < now()
        ORDER BY h.expires_at LIMIT 20 FOR UPDATE SKIP LOCKED);
    IF p_purpose = 'sign-in' THEN
        INSERT INTO auth.passkey_challenge (challenge_hash, realm, purpose) VALUES (p_challenge_hash, p_realm, p_purpose);
        RETURN NEXT;
        RETURN;
    END IF;
    IF p_token_hash IS NOT NULL THEN
        SELECT c.account_id INTO whose FROM auth.challenge c
        WHERE c.token_hash = p_token_hash AND c.realm = p_realm AND c.used_at IS NULL AND c.expires_at > now()
          AND c.purpose = CASE p_purpose WHEN 'register' THEN 'enrol' ELSE p_purpose END;
    END IF;
    -- One by one for an account: what is counted stays so until the end.
    UPDATE auth.account a SET passkey_asked = pg_current_xact_id(), passkey_purpose = 'begun'
    WHERE a.id = whose AND a.realm = p_realm RETURNING a.practice_id INTO practice;
    IF practice IS NULL THEN
        RETURN;
    ELSIF p_purpose = 'register' AND NOT auth.may_add_factor(whose) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN430', MESSAGE = 'another second factor needs fresh proof';
    END IF;
    PERFORM auth.concerns(practice, whose);
    PERFORM audit.about(whose) WHERE p_realm = 'patient';
    DELETE FROM auth.passkey_challenge WHERE challenge_hash IN (
        SELECT h.challenge_hash FROM auth.passkey_challenge h WHERE h.account_id = whose
        ORDER BY h.created_at DESC OFFSET 9);
    INSERT INTO auth.passkey_challenge (challenge_hash, realm, purpose, practice_id, account_id)
    VALUES (p_challenge_hash, p_realm, p_purpose, practice, whose);
    RETURN QUERY
    SELECT a.id, a.passkey_handle, c.name, coalesce(m.wrapped_key, d.wrapped_key), k.id, k.passkey_sealed
    FROM auth.account a
    JOIN anamnesis.practice c ON c.id = a.practice_id
    LEFT JOIN anamnesis.staff m ON a.realm = 'staff' AND m.id = a.id
    LEFT JOIN anamnesis.patient p ON a.realm = 'patient' AND p.id = a.id
    LEFT JOIN anamnesis.data_key d ON d.patient_id = p.id
    LEFT JOIN auth.passkey k ON k.account_id = a.id
    WHERE a.id = whose ORDER BY k.id;
END
$$;
GRANT EXECUTE ON FUNCTION auth.passkey_begin(text,text,bytea,bytea) TO anamnesis_api;
