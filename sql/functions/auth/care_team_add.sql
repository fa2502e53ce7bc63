-- An owner takes somebody into a patient's care team, of fifty at most: 'added', 'there' (already), 'full', or 'nobody' when
-- they are no owner, physician or assistant of the practice, or are disabled.
CREATE OR REPLACE FUNCTION auth.care_team_add(p_patient uuid, p_staff uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF auth.realm() IS DISTINCT FROM 'staff' OR auth.role() IS DISTINCT FROM 'owner' THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'care teams are made by owners';
    END IF;
    -- One at a time for a patient: the number counts.
    PERFORM FROM anamnesis.patient p WHERE p.practice_id = auth.practice() AND p.id = p_patient FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM anamnesis.staff s
                   WHERE s.practice_id = auth.practice() AND s.id = p_staff AND s.status <> 'disabled'
                     AND s.role IN ('owner', 'physician', 'assistant')) THEN
        RETURN 'nobody';
    ELSIF EXISTS (SELECT FROM anamnesis.care_team c
                  WHERE c.practice_id = auth.practice() AND c.staff_id = p_staff AND c.patient_id = p_patient) THEN
        RETURN 'there';
    ELSIF (SELECT count(*) FROM anamnesis.care_team c
           WHERE c.practice_id = auth.practice() AND c.patient_id = p_patient) >= 50 THEN
        RETURN 'full';
    END IF;
    INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by)
    VALUES (auth.practice(), p_staff, p_patient, auth.actor());
    RETURN 'added';
END
$$;
GRANT EXECUTE ON FUNCTION auth.care_team_add(uuid,uuid) TO anamnesis_api;
