-- Spends the invitation and makes the account; the patient's other invitations end. NULL when another request was
-- faster, by this invitation or by another one.
--
-- By an invitation to recover, the password is a new one, all second factors that there were are gone, and all sessions end.
-- What was answered before is held: for 72 hours when the link was shown to somebody, unless the stored address said that all
-- is well; as long as the former address may object when staff proposed the present one.
CREATE OR REPLACE FUNCTION auth.register(p_token_hash bytea, p_password_hash text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    patient uuid;
    practice uuid;
    again boolean;
    shown boolean;
    before text;
BEGIN
    PERFORM auth.begun(NULL);
    -- The patient first: two links of one patient wait for each other, and none waits for what the other holds.
    PERFORM FROM anamnesis.patient p
    WHERE p.id = (SELECT i.patient_id FROM anamnesis.invitation i WHERE i.token_hash = p_token_hash) FOR NO KEY UPDATE;
    UPDATE anamnesis.invitation i SET status = 'used', used_at = now()
    WHERE i.token_hash = p_token_hash AND i.status = 'pending' AND i.expires_at > now()
    RETURNING i.patient_id, i.practice_id, i.recovers, i.delivery = 'link' AND i.answer IS NULL
    INTO patient, practice, again, shown;
    IF patient IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE anamnesis.patient p SET registered_at = coalesce(p.registered_at, now())
    WHERE p.id = patient AND p.status = 'active' AND (p.registered_at IS NOT NULL) = again;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF again THEN
        SELECT a.password_hash INTO before FROM auth.account a WHERE a.id = patient FOR NO KEY UPDATE;
        IF auth.address_recent(patient) IS NOT NULL THEN
            PERFORM auth.hold(patient, before, greatest(auth.address_recent(patient), now() + interval '72 hours'), false);
        ELSIF shown THEN
            PERFORM auth.hold(patient, before, now() + interval '72 hours', true);
        END IF;
        UPDATE auth.account a
        SET password_hash = p_password_hash, totp_sealed = NULL, totp_pending = NULL, totp_step = 0, factor_xact = NULL,
            recover_only = false
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
