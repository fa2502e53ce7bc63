-- Staff corrects the address of a patient who has not registered: invitations that went to the former one open nothing any
-- more. 'changed', 'same', 'registered' (then it is proposed), or NULL when there is no such patient in this
-- revision. p_email NULL: there is none.
CREATE OR REPLACE FUNCTION auth.patient_address(p_patient uuid, p_revision integer, p_key bytea, p_email text,
                                                p_indexes bytea[]) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    it anamnesis.patient;
BEGIN
    IF auth.staff_writes() IS NOT TRUE OR NOT (auth.sees_all() OR auth.sees(p_patient)) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'the role may not do this';
    END IF;
    SELECT p.* INTO it FROM anamnesis.patient p
    WHERE p.practice_id = auth.practice() AND p.id = audit.about(p_patient) AND p.revision = p_revision
      AND p.status = 'active' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF coalesce(it.email_index = ANY (p_indexes), it.email_index IS NULL AND cardinality(p_indexes) = 0) THEN
        RETURN 'same';
    ELSIF it.registered_at IS NOT NULL THEN
        RETURN 'registered';
    END IF;
    UPDATE anamnesis.patient p
    SET email = phi.seal(p_key, 'patient.email:' || p.id::text, p_email), email_index = p_indexes[1]
    WHERE p.id = it.id;
    UPDATE anamnesis.invitation i SET status = 'revoked'
    WHERE i.patient_id = it.id AND i.status = 'pending' AND i.delivery = 'email';
    RETURN 'changed';
END
$$;
GRANT EXECUTE ON FUNCTION auth.patient_address(uuid, integer, bytea, text, bytea[]) TO anamnesis_api;
