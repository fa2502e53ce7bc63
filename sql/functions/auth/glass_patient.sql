-- The patient whom a physician with fresh proof asks for, by identifier, e-mail address or record number; `seen`: they need
-- not. No row when there is none, several for a family's address, p_most at most. The physician's row is locked: of two tries
-- at once the second sees what the first did.
CREATE OR REPLACE FUNCTION auth.glass_patient(p_patient uuid, p_email_indexes bytea[], p_record_number_indexes bytea[],
                                              p_most integer)
RETURNS TABLE (patient_id uuid, wrapped_key bytea, seen boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    found bigint;
BEGIN
    PERFORM FROM anamnesis.staff s WHERE s.id = auth.actor() FOR NO KEY UPDATE;
    IF auth.realm() IS DISTINCT FROM 'staff' OR auth.role() IS DISTINCT FROM 'physician' OR NOT auth.is_fresh() THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'breaking the glass needs a physician with fresh proof';
    END IF;
    RETURN QUERY
    SELECT p.id, d.wrapped_key, auth.sees(p.id)
    FROM anamnesis.patient p JOIN anamnesis.data_key d ON d.patient_id = p.id
    WHERE p.practice_id = auth.practice() AND p.status <> 'erased'
      AND (p.id = p_patient OR p.email_index = ANY (p_email_indexes)
           OR p.record_number_index = ANY (p_record_number_indexes))
    ORDER BY p.id LIMIT least(p_most, 17);
    GET DIAGNOSTICS found = ROW_COUNT;
    IF found = 1 THEN
        PERFORM audit.about(p.id) FROM anamnesis.patient p
        WHERE p.practice_id = auth.practice() AND p.status <> 'erased'
          AND (p.id = p_patient OR p.email_index = ANY (p_email_indexes)
               OR p.record_number_index = ANY (p_record_number_indexes));
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION auth.glass_patient(uuid,bytea[],bytea[],integer) TO anamnesis_api;
