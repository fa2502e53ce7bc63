-- For a trigger: what a file's state leaves behind. Parts and objects are noted for removal, downloads that were allowed end, and what
-- counts against the limits follows: whoever has the row moved has done all of it.
CREATE OR REPLACE FUNCTION anamnesis.upload_leaves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    opened constant text[] := ARRAY['awaiting-upload', 'scanning'];
    counted constant text[] := ARRAY['awaiting-upload', 'scanning', 'clean'];
    was text := CASE WHEN TG_OP = 'UPDATE' THEN OLD.state ELSE '' END;
    more_bytes bigint := 0;
    more_open integer := (NEW.state = ANY (opened))::integer - (was = ANY (opened))::integer;
    whose uuid;
BEGIN
    IF NEW.state = ANY (counted) AND was <> ALL (counted) THEN
        more_bytes := NEW.size;
    ELSIF NEW.state <> ALL (counted) AND was = ANY (counted) THEN
        more_bytes := -OLD.size;
    END IF;
    IF more_bytes <> 0 OR more_open <> 0 THEN
        FOREACH whose IN ARRAY ARRAY[NULL, NEW.patient_id] LOOP
            INSERT INTO anamnesis.upload_quota (practice_id, patient_id) VALUES (NEW.practice_id, whose)
            ON CONFLICT ON CONSTRAINT upload_quota_key DO NOTHING;
            UPDATE anamnesis.upload_quota q SET bytes = q.bytes + more_bytes, open_count = q.open_count + more_open
            WHERE q.practice_id = NEW.practice_id AND q.patient_id IS NOT DISTINCT FROM whose;
        END LOOP;
    END IF;
    IF was = ANY (opened) AND NEW.state <> ALL (opened) THEN
        INSERT INTO anamnesis.object_leaving AS l (name, practice_id, until, urgent)
        VALUES ('incoming/' || NEW.id::text, NEW.practice_id, NEW.urls_until + interval '1 minute', NEW.state = 'erased')
        ON CONFLICT (name) DO UPDATE SET urgent = excluded.urgent, next_at = now(), until = greatest(l.until, excluded.until);
    END IF;
    IF was <> '' AND NEW.state <> 'clean' THEN
        DELETE FROM anamnesis.upload_grant g WHERE g.upload_id = NEW.id;
    END IF;
    IF NEW.salt IS NULL THEN
        WITH gone AS (DELETE FROM anamnesis.upload_object o WHERE o.upload_id = NEW.id RETURNING o.name, o.practice_id)
        INSERT INTO anamnesis.object_leaving (name, practice_id, urgent)
        SELECT g.name, g.practice_id, NEW.state = 'erased' FROM gone g;
    END IF;
    RETURN NULL;
END
$$;
