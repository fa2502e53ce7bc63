-- Says in which languages and in whose time a message is written, whoever leaves it: the patient's language when it goes to
-- one, then the practice's.
CREATE OR REPLACE FUNCTION anamnesis.outbox_spoken() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT concat_ws(', ', p.language, c.language), c.time_zone INTO NEW.languages, NEW.time_zone
    FROM anamnesis.practice c
    LEFT JOIN anamnesis.patient p ON p.practice_id = c.id AND p.id = NEW.patient_id AND NOT NEW.for_staff
    WHERE c.id = NEW.practice_id;
    RETURN NEW;
END
$$;
