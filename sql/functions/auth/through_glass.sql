-- Whether the actor sees one of these patients by having broken the glass, and not otherwise.
CREATE OR REPLACE FUNCTION auth.through_glass(p_patients uuid[]) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM anamnesis.break_glass g
        WHERE g.practice_id = auth.practice() AND g.staff_id = auth.actor() AND g.patient_id = ANY (p_patients)
          AND g.expires_at > now()
          AND NOT EXISTS (SELECT FROM anamnesis.care_team c
                          WHERE c.practice_id = g.practice_id AND c.staff_id = g.staff_id AND c.patient_id = g.patient_id));
END
$$;
