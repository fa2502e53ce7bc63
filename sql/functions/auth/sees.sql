-- The same question for one patient. A function of its own, not a part of each policy: its subqueries would be planned and
-- set up for everybody, and most are staff who see all, or the patient.
CREATE OR REPLACE FUNCTION auth.sees(p_patient uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN auth.sees_all() OR (auth.realm() = 'staff' AND (
        EXISTS (SELECT FROM anamnesis.care_team c
                WHERE c.practice_id = auth.practice() AND c.staff_id = auth.actor() AND c.patient_id = p_patient)
        OR EXISTS (SELECT FROM anamnesis.break_glass g
                   WHERE g.practice_id = auth.practice() AND g.staff_id = auth.actor() AND g.patient_id = p_patient
                     AND g.expires_at > now())));
END
$$;
GRANT EXECUTE ON FUNCTION auth.sees(uuid) TO anamnesis_api;
