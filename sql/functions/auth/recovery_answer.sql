-- What the stored address says of a recovery whose link was shown to somebody, before or after that was used: 'mine' (then
-- nothing is held), or 'stop' (the link is dead, and an account that was recovered by it is shut). No row when the link is
-- unknown, answered, or the hold is over.
CREATE OR REPLACE FUNCTION auth.recovery_answer(p_answer_hash bytea, p_answer text, p_password_hash text)
RETURNS TABLE (patient_id uuid, practice_name text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    it anamnesis.invitation;
BEGIN
    PERFORM auth.begun(NULL);
    PERFORM FROM anamnesis.patient p
    WHERE p.id = (SELECT i.patient_id FROM anamnesis.invitation i WHERE i.answer_hash = p_answer_hash) FOR NO KEY UPDATE;
    UPDATE anamnesis.invitation i
    SET answer = p_answer,
        status = CASE WHEN p_answer = 'stop' AND i.status IN ('pending', 'spent') THEN 'revoked' ELSE i.status END
    WHERE i.answer_hash = p_answer_hash AND i.answer IS NULL
      AND (i.status IN ('pending', 'spent') OR (i.status = 'used' AND i.used_at > now() - interval '72 hours'))
      AND i.created_at > now() - interval '31 days'
    RETURNING i.* INTO it;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM auth.concerns(it.practice_id, it.patient_id);
    IF it.status = 'used' AND p_answer = 'mine' THEN
        PERFORM auth.unhold(it.patient_id) FROM auth.account a WHERE a.id = it.patient_id AND a.held_mail;
    ELSIF it.status = 'used' THEN
        PERFORM auth.shut(it.patient_id, p_password_hash);
    END IF;
    RETURN QUERY SELECT audit.about(it.patient_id), c.name FROM anamnesis.practice c WHERE c.id = it.practice_id;
END
$$;
GRANT EXECUTE ON FUNCTION auth.recovery_answer(bytea, text, text) TO anamnesis_api;
