-- Whether the actor is staff who sees this patient. A function of its own, not a part of each policy: its subqueries would be
-- planned and set up for everybody, and most are staff who see all, or the patient.
CREATE OR REPLACE FUNCTION auth.sees(p_patient uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
DECLARE
    practice uuid := auth.staffs();
BEGIN
    RETURN practice IS NOT NULL AND (
        (auth.sees_all() AND EXISTS (SELECT FROM anamnesis.patient p WHERE p.practice_id = practice AND p.id = p_patient))
        OR EXISTS (SELECT FROM anamnesis.care_team c
                   WHERE c.practice_id = practice AND c.staff_id = auth.actor() AND c.patient_id = p_patient)
        OR EXISTS (SELECT FROM anamnesis.break_glass g
                   WHERE g.practice_id = practice AND g.staff_id = auth.actor() AND g.patient_id = p_patient
                     AND g.expires_at > now()));
END
$$;
GRANT EXECUTE ON FUNCTION auth.sees(uuid) TO anamnesis_api;
