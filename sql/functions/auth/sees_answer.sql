-- Whether the actor sees what this patient began at this moment: staff who see the patient; a patient whose earlier answers are
-- held, what was begun since then. A function of its own for the reason that auth.sees() gives.
CREATE OR REPLACE FUNCTION auth.sees_answer(p_patient uuid, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$ BEGIN RETURN auth.sees(p_patient) OR auth.held_answer(p_patient, p_at); END $$;
GRANT EXECUTE ON FUNCTION auth.sees_answer(uuid,timestamptz) TO anamnesis_api;
