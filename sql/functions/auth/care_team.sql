-- A patient's care team; nobody where the actor does not see the patient.
CREATE OR REPLACE FUNCTION auth.care_team(p_patient uuid)
RETURNS TABLE (staff_id uuid, role text, status text, wrapped_key bytea, name bytea, added_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.id, s.role, s.status, s.wrapped_key, s.name::bytea, c.added_at
    FROM anamnesis.care_team c JOIN anamnesis.staff s ON s.id = c.staff_id
    WHERE c.practice_id = auth.practice() AND c.patient_id = p_patient AND auth.sees(p_patient)
    ORDER BY c.added_at DESC, s.id DESC
$$;
GRANT EXECUTE ON FUNCTION auth.care_team(uuid) TO anamnesis_api;
