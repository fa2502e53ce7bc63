-- Notes what an assignment's change does to the numbers of those that are not completed, and of those that are (anamnesis.open_count).
CREATE OR REPLACE FUNCTION anamnesis.count_open() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    was integer := 0; -- 1: assigned, 2: in progress, 3: completed
    is_now integer := 0;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        was := CASE OLD.status WHEN 'assigned' THEN 1 WHEN 'in-progress' THEN 2 WHEN 'completed' THEN 3 ELSE 0 END;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        is_now := CASE NEW.status WHEN 'assigned' THEN 1 WHEN 'in-progress' THEN 2 WHEN 'completed' THEN 3 ELSE 0 END;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.version = NEW.version THEN
        IF was <> is_now THEN
            INSERT INTO anamnesis.open_count (practice_id, questionnaire_id, version, assigned, in_progress, completed)
            VALUES (NEW.practice_id, NEW.questionnaire_id, NEW.version, (is_now = 1)::integer - (was = 1)::integer,
                    (is_now = 2)::integer - (was = 2)::integer, (is_now = 3)::integer - (was = 3)::integer);
        END IF;
        RETURN NULL;
    END IF;
    IF was > 0 THEN
        INSERT INTO anamnesis.open_count (practice_id, questionnaire_id, version, assigned, in_progress, completed)
        VALUES (OLD.practice_id, OLD.questionnaire_id, OLD.version, -(was = 1)::integer, -(was = 2)::integer, -(was = 3)::integer);
    END IF;
    IF is_now > 0 THEN
        INSERT INTO anamnesis.open_count (practice_id, questionnaire_id, version, assigned, in_progress, completed)
        VALUES (NEW.practice_id, NEW.questionnaire_id, NEW.version, (is_now = 1)::integer, (is_now = 2)::integer, (is_now = 3)::integer);
    END IF;
    RETURN NULL;
END
$$;
