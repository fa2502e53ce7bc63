-- Before a patient's address and record number are stored, given under every index key in use: those who store one of them
-- at once wait for each other. A record number of a patient whom the actor may see is refused (23505,
-- patient_record_number_key). `shared`: other patients whom they may see have the address, as in families; whether one of
-- them is the same person is for who can open their names. `unseen`: a patient of another care team has the address or the
-- number. The actor is not told; the owners are.
CREATE OR REPLACE FUNCTION auth.patient_claim(p_patient uuid, p_email_indexes bytea[], p_record_number_indexes bytea[],
                                              OUT shared boolean, OUT unseen boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    practice uuid := auth.practice();
    name text;
BEGIN
    IF auth.staff_writes() IS NOT TRUE OR cardinality(p_email_indexes) > 16 OR cardinality(p_record_number_indexes) > 16 THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'nobody is signed in who could store this';
    END IF;
    -- In one order, so that nobody waits in a circle.
    FOR name IN SELECT 'patient.email' || encode(i, 'hex') FROM unnest(p_email_indexes) AS e (i)
                UNION ALL SELECT 'patient.record_number' || encode(i, 'hex') FROM unnest(p_record_number_indexes) AS n (i)
                ORDER BY 1 LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended(practice::text || name, 0));
    END LOOP;
    IF EXISTS (SELECT FROM anamnesis.patient p
               WHERE p.practice_id = practice AND p.record_number_index = ANY (p_record_number_indexes)
                 AND p.id <> p_patient AND auth.sees(p.id)) THEN
        RAISE EXCEPTION USING ERRCODE = '23505', CONSTRAINT = 'patient_record_number_key',
                              MESSAGE = 'another patient has this record number';
    END IF;
    SELECT coalesce(bool_or(auth.sees(p.id)), false), coalesce(bool_or(NOT auth.sees(p.id)), false)
    INTO patient_claim.shared, patient_claim.unseen
    FROM anamnesis.patient p
    WHERE p.practice_id = practice AND p.id <> p_patient
      AND (p.email_index = ANY (p_email_indexes) OR p.record_number_index = ANY (p_record_number_indexes));
END
$$;
GRANT EXECUTE ON FUNCTION auth.patient_claim(uuid,bytea[],bytea[]) TO anamnesis_api;
