-- Erases: false when there is no such patient any more. Only an owner, with fresh proof. What stays: that there was a
-- patient, which questionnaires were answered when and of which items there were files (counts), and the audit log. Sealed values stay as bytes that
-- nothing opens, and what is left of the key goes with auth.keys_rewrite.
CREATE OR REPLACE FUNCTION auth.patient_erase(p_patient uuid, p_revision integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF auth.realm() IS DISTINCT FROM 'staff' OR auth.role() IS DISTINCT FROM 'owner' OR NOT auth.is_fresh() THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'erasing needs an owner with fresh proof';
    END IF;
    UPDATE anamnesis.patient p
    SET status = 'erased', given_name = NULL, family_name = NULL, birth_date = NULL, email = NULL, record_number = NULL,
        email_index = NULL, record_number_index = NULL, language = NULL, registered_at = NULL, reminders = false, revision = p.revision + 1, updated_at = now()
    WHERE p.practice_id = auth.practice() AND p.id = p_patient AND p.revision = p_revision AND p.status <> 'erased';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM auth.end_all(p_patient, NULL);
    DELETE FROM anamnesis.data_key d WHERE d.patient_id = p_patient;
    -- All of them are locked before the first is moved: whoever moves one of them waits, and holds nothing that this needs.
    PERFORM FROM anamnesis.upload u
    WHERE u.practice_id = auth.practice() AND u.patient_id = p_patient AND u.state <> 'erased' ORDER BY u.id FOR NO KEY UPDATE;
    UPDATE anamnesis.upload u SET state = 'erased'
    WHERE u.practice_id = auth.practice() AND u.patient_id = p_patient AND u.state <> 'erased';
    DELETE FROM anamnesis.upload_quota q WHERE q.practice_id = auth.practice() AND q.patient_id = p_patient;
    UPDATE anamnesis.object_leaving l SET urgent = true, next_at = now()
    WHERE l.name IN (SELECT 'incoming/' || u.id::text FROM anamnesis.upload u
                     WHERE u.practice_id = auth.practice() AND u.patient_id = p_patient);
    INSERT INTO auth.erasure (patient_id, practice_id) VALUES (p_patient, auth.practice());
    DELETE FROM auth.recovery_code r WHERE r.account_id = p_patient;
    DELETE FROM auth.challenge c WHERE c.account_id = p_patient;
    DELETE FROM auth.session s WHERE s.account_id = p_patient;
    DELETE FROM auth.account a WHERE a.id = p_patient;
    DELETE FROM auth.address_change c WHERE c.account_id = p_patient;
    UPDATE anamnesis.invitation i SET status = 'revoked'
    WHERE i.practice_id = auth.practice() AND i.patient_id = p_patient AND i.status = 'pending';
    UPDATE anamnesis.assignment a SET status = 'cancelled', revision = a.revision + 1
    WHERE a.practice_id = auth.practice() AND a.patient_id = p_patient AND a.status IN ('assigned', 'in-progress');
    DELETE FROM anamnesis.outbox o WHERE o.patient_id = p_patient;
    DELETE FROM anamnesis.idempotency i
    WHERE i.practice_id = auth.practice() AND (i.actor_id = p_patient OR p_patient = ANY (i.patient_ids));
    RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION auth.patient_erase(uuid,integer) TO anamnesis_api;
