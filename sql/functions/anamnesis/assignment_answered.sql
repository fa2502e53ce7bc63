-- The acting patient has begun or completed what was assigned. A function, because the table's policies for staff and patients
-- together cost more than the row. What was submitted while it was cancelled is completed: the answers are there.
CREATE OR REPLACE FUNCTION anamnesis.assignment_answered(p_assignment uuid, p_status text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
AS $$
BEGIN
    UPDATE anamnesis.assignment a SET status = p_status, revision = a.revision + 1
    WHERE a.id = p_assignment AND a.patient_id = auth.patient()
      AND (p_status = 'completed' OR (p_status = 'in-progress' AND a.status <> 'cancelled'));
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.assignment_answered(uuid,text) TO anamnesis_api;
