-- Whether the actor is this patient, with earlier answers held, and this moment is not before the hold.
CREATE OR REPLACE FUNCTION auth.held_answer(p_patient uuid, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
BEGIN
    RETURN p_patient = auth.held_patient()
           AND EXISTS (SELECT FROM auth.session s WHERE s.id = auth.session() AND p_at >= s.held_since);
END
$$;
GRANT EXECUTE ON FUNCTION auth.held_answer(uuid,timestamptz) TO anamnesis_api;
