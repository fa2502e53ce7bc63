-- What the practice has of the patient whom a usable invitation is for, still sealed.
CREATE OR REPLACE FUNCTION auth.invited_patient(p_token_hash bytea)
RETURNS TABLE (patient_id uuid, email bytea, birth_date bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM auth.begun(NULL);
    RETURN QUERY
    SELECT p.id, p.email::bytea, p.birth_date::bytea
    FROM anamnesis.invitation i
    JOIN anamnesis.patient p ON p.id = i.patient_id
    WHERE i.token_hash = p_token_hash AND i.status = 'pending' AND i.expires_at > now()
      AND p.status = 'active' AND (p.registered_at IS NOT NULL) = i.recovers;
END
$$;
GRANT EXECUTE ON FUNCTION auth.invited_patient(bytea) TO anamnesis_api;
