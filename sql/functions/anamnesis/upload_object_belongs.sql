-- For a trigger: objects come while a file is looked at, all of them before it is clean, and go with its salt.
CREATE OR REPLACE FUNCTION anamnesis.upload_object_belongs() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    file anamnesis.upload;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT u.* INTO file FROM anamnesis.upload u WHERE u.id = NEW.upload_id FOR NO KEY UPDATE;
        IF file.state = 'scanning' THEN
            RETURN NEW;
        END IF;
    ELSE
        SELECT u.* INTO file FROM anamnesis.upload u WHERE u.id = OLD.upload_id;
        IF file.salt IS NULL THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'AN409', MESSAGE = format('%s of an object of a file that is %s', TG_OP, file.state);
END
$$;
