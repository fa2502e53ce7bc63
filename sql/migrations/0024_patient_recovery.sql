-- A patient who has lost their factors begins anew by an invitation like the first one: the practice hands it over, the
-- birth date is asked for again (ASVS 6.4.4: the same proof as at enrolment). Until it is used, nothing changes.

ALTER TABLE anamnesis.invitation ADD COLUMN recovers boolean NOT NULL DEFAULT false;

-- As in 0005, and: an invitation to recover is for somebody who has registered.
CREATE OR REPLACE FUNCTION auth.invitation_by_token(p_token_hash bytea)
RETURNS TABLE (invitation_id uuid, patient_id uuid, wrapped_key bytea, practice_name text, mfa_required boolean,
               expires_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    practice uuid;
BEGIN
    -- The patient first: two links of one patient wait for each other, and none waits for what the other holds.
    PERFORM FROM anamnesis.patient p
    WHERE p.id = (SELECT i.patient_id FROM anamnesis.invitation i WHERE i.token_hash = p_token_hash) FOR NO KEY UPDATE;
    SELECT i.id, p.id, p.wrapped_key, c.name, c.patient_mfa = 'required', i.expires_at, i.practice_id
    INTO invitation_by_token.invitation_id, invitation_by_token.patient_id, invitation_by_token.wrapped_key,
         invitation_by_token.practice_name, invitation_by_token.mfa_required, invitation_by_token.expires_at, practice
    FROM anamnesis.invitation i
    JOIN anamnesis.patient p ON p.id = i.patient_id
    JOIN anamnesis.practice c ON c.id = i.practice_id
    WHERE i.token_hash = p_token_hash AND i.status = 'pending' AND i.expires_at > now()
      AND p.status = 'active' AND (p.registered_at IS NOT NULL) = i.recovers
    FOR UPDATE OF i;
    IF FOUND THEN
        PERFORM auth.concerns(practice, invitation_by_token.patient_id);
        RETURN NEXT;
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION auth.invited_patient(p_token_hash bytea)
RETURNS TABLE (patient_id uuid, email bytea, birth_date bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.id, p.email::bytea, p.birth_date::bytea
    FROM anamnesis.invitation i
    JOIN anamnesis.patient p ON p.id = i.patient_id
    WHERE i.token_hash = p_token_hash AND i.status = 'pending' AND i.expires_at > now()
      AND p.status = 'active' AND (p.registered_at IS NOT NULL) = i.recovers
$$;

-- As in 0005, and: by an invitation to recover, the password is a new one, the second factors that there were are gone, and
-- all sessions end.
CREATE OR REPLACE FUNCTION auth.register(p_token_hash bytea, p_password_hash text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    patient uuid;
    practice uuid;
    again boolean;
BEGIN
    -- The patient first: two links of one patient wait for each other, and none waits for what the other holds.
    PERFORM FROM anamnesis.patient p
    WHERE p.id = (SELECT i.patient_id FROM anamnesis.invitation i WHERE i.token_hash = p_token_hash) FOR NO KEY UPDATE;
    UPDATE anamnesis.invitation i SET status = 'used', used_at = now()
    WHERE i.token_hash = p_token_hash AND i.status = 'pending' AND i.expires_at > now()
    RETURNING i.patient_id, i.practice_id, i.recovers INTO patient, practice, again;
    IF patient IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE anamnesis.patient p SET registered_at = coalesce(p.registered_at, now())
    WHERE p.id = patient AND p.status = 'active' AND (p.registered_at IS NOT NULL) = again;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF again THEN
        UPDATE auth.account a
        SET password_hash = p_password_hash, totp_sealed = NULL, totp_pending = NULL, totp_step = 0, factor_xact = NULL
        WHERE a.id = patient;
        DELETE FROM auth.recovery_code r WHERE r.account_id = patient;
        PERFORM auth.end_all(patient, NULL);
    ELSE
        INSERT INTO auth.account (id, practice_id, realm, password_hash)
        VALUES (patient, practice, 'patient', p_password_hash);
    END IF;
    UPDATE anamnesis.invitation i SET status = 'revoked'
    WHERE i.practice_id = practice AND i.patient_id = patient AND i.status = 'pending';
    RETURN patient;
END
$$;
