-- How many bytes of files the actor's practice has stored, or is about to. NULL for others than owners.
CREATE OR REPLACE FUNCTION anamnesis.upload_used() RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF auth.role() IS DISTINCT FROM 'owner' THEN
        RETURN NULL;
    END IF;
    RETURN coalesce((SELECT q.bytes FROM anamnesis.upload_quota q WHERE q.practice_id = auth.practice() AND q.patient_id IS NULL), 0);
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_used() TO anamnesis_api;
