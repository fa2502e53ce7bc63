-- Whoever records a patient is of the care team: they would not see what they wrote otherwise. So are those who have
-- recorded, invited or asked patients so far.
CREATE OR REPLACE FUNCTION auth.join_care_team() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by)
    SELECT s.practice_id, s.id, NEW.id, s.id FROM anamnesis.staff s
    WHERE s.practice_id = NEW.practice_id AND s.id = NEW.created_by AND s.role IN ('physician', 'assistant');
    RETURN NULL;
END
$$;
