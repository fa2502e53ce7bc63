-- For the trigger on responses that are completed: they are to be read. What an amendment amends needs to be read no more; whoever was to
-- read it is to read the amendment.
CREATE OR REPLACE FUNCTION anamnesis.review_begins() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    takes_over uuid;
BEGIN
    IF NEW.amends IS NOT NULL THEN
        UPDATE anamnesis.review_now n SET state = 'superseded'
        WHERE n.response_id = NEW.amends AND n.state IN ('new', 'in-review')
        RETURNING n.assignee INTO takes_over;
    END IF;
    INSERT INTO anamnesis.review_now (response_id, practice_id, patient_id, assignee)
    VALUES (NEW.id, NEW.practice_id, NEW.patient_id, takes_over)
    ON CONFLICT (response_id) DO NOTHING;
    RETURN NULL;
END
$$;
