-- A session for an account that has proven who it is. With a challenge: spends it; a second factor must have been accepted
-- in this transaction. Without: only a patient who has no second factor at a practice that does not require one, and whose
-- password was right in this generation of the account. NULL when another request was faster, and when the account was
-- shut, or all of it ended, since its owner was recognised. Idle 15 min for staff, 30 min for patients; 12 h in all.
--
-- A session begins stepped up when a second factor was just accepted. Without a challenge, a passkey that verified its user
-- will do too: it is two factors at once.
CREATE OR REPLACE FUNCTION auth.session_create(p_challenge bytea, p_realm text, p_account uuid, p_token_hash bytea,
                                               p_client_address text, p_user_agent text, p_generation integer) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made uuid := anamnesis.uuid_v7();
    allowed boolean;
    whole boolean := false;
BEGIN
    PERFORM auth.begun(p_account);
    IF NOT auth.still(p_realm, p_account, p_generation) THEN
        RETURN NULL;
    END IF;
    IF p_challenge IS NOT NULL THEN
        UPDATE auth.challenge c SET used_at = now()
        WHERE c.token_hash = p_challenge AND c.realm = p_realm AND c.account_id = p_account AND c.used_at IS NULL
          AND c.purpose <> 'reset' AND c.expires_at > now();
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        allowed := auth.factor_is_fresh(p_account);
    ELSE
        SELECT coalesce(a.passkey_xact = pg_current_xact_id(), false) INTO whole
        FROM auth.account a WHERE a.id = p_account AND a.realm = p_realm;
        SELECT whole OR (p_realm = 'patient' AND p_generation IS NOT NULL AND NOT auth.has_factor(a.id)
                         AND c.patient_mfa = 'optional') INTO allowed
        FROM auth.account a JOIN anamnesis.practice c ON c.id = a.practice_id
        WHERE a.id = p_account;
    END IF;
    IF allowed IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'a session needs a second factor here';
    END IF;
    INSERT INTO auth.session (id, practice_id, realm, account_id, token_hash, idle_seconds, expires_at, client_address,
                              user_agent, stepped_up_at, held_since, held_until)
    SELECT made, a.practice_id, a.realm, a.id, p_token_hash,
           60 * CASE a.realm WHEN 'staff' THEN c.staff_idle_minutes ELSE c.patient_idle_minutes END,
           now() + c.session_hours * interval '1 hour', left(p_client_address, 64), left(p_user_agent, 256),
           CASE WHEN whole OR p_challenge IS NOT NULL THEN now() END, a.held_since, a.held_until
    FROM auth.account a JOIN anamnesis.practice c ON c.id = a.practice_id
    WHERE a.id = p_account AND a.realm = p_realm;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'AN401', MESSAGE = 'there is no such account';
    END IF;
    RETURN made;
END
$$;
GRANT EXECUTE ON FUNCTION auth.session_create(bytea,text,uuid,bytea,text,text,integer) TO anamnesis_api;
