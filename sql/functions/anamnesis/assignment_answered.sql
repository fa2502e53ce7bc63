-- The acting patient has begun or completed what was assigned. A function, so that no statement of the api role writes the status
-- of an assignment for a patient; and the table's policies for staff and patients together cost as much as the row.
CREATE OR REPLACE FUNCTION anamnesis.assignment_answered(p_assignment uuid, p_status text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
AS $$
BEGIN
    UPDATE anamnesis.assignment a SET status = p_status, revision = a.revision + 1
    WHERE a.id = p_assignment AND a.patient_id = auth.patient() AND a.status <> 'cancelled'
      AND p_status IN ('in-progress', 'completed');
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.assignment_answered(uuid,text) TO anamnesis_api;
