-- Spends the invitation and makes the account; the patient's other invitations end. NULL when another request was
-- faster, by this invitation or by another one.
--
-- By an invitation to recover, the password is a new one, all second factors that there were are gone, and all sessions end.
CREATE OR REPLACE FUNCTION auth.register(p_token_hash bytea, p_password_hash text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    patient uuid;
    practice uuid;
    again boolean;
BEGIN
    PERFORM auth.begun(NULL);
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
        DELETE FROM auth.passkey k WHERE k.account_id = patient;
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
GRANT EXECUTE ON FUNCTION auth.register(bytea,text) TO anamnesis_api;
