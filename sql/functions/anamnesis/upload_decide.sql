-- For the scanner: the verdict on a file that it has in hand, and with 'clean' what it has stored of it, a JSON array of {kind, name,
-- content_type, plain_size, width, height, pages}. False, and nothing is changed, when the file moved on meanwhile, or is in other hands: what was
-- stored is the caller's to remove. Each verdict is a row of the audit log.
CREATE OR REPLACE FUNCTION anamnesis.upload_decide(p_upload uuid, p_attempt integer, p_state text, p_reason text, p_signature text,
                                                   p_scanned_with text, p_width integer, p_height integer, p_seconds integer,
                                                   p_objects text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    file anamnesis.upload;
BEGIN
    SELECT u.* INTO file FROM anamnesis.upload u
    WHERE u.id = p_upload AND u.state = 'scanning' AND u.attempts = p_attempt AND u.claimed_until IS NOT NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    ELSIF (p_state IN ('clean', 'infected', 'rejected') AND (p_objects IS NULL OR p_state = 'clean')) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'this is no verdict';
    END IF;
    INSERT INTO anamnesis.upload_object (upload_id, kind, practice_id, patient_id, name, content_type, plain_size, width, height)
    SELECT file.id, o.kind, file.practice_id, file.patient_id, o.name, o.content_type, o.plain_size, o.width, o.height
    FROM json_to_recordset(p_objects::json)
         AS o (kind text, name text, content_type text, plain_size bigint, width integer, height integer);
    UPDATE anamnesis.upload u
    SET state = p_state, reason = p_reason, signature = p_signature, scanned_with = p_scanned_with, decided_at = now(),
        signatures_at = anamnesis.signatures_count_from(p_scanned_with, u.signatures_at), -- the claim noted of when they are
        width = p_width, height = p_height, seconds = p_seconds,
        pages = (SELECT max(o.pages) FROM json_to_recordset(p_objects::json) AS o (pages integer))
    WHERE u.id = p_upload;
    PERFORM anamnesis.upload_log(p_upload, 'upload_scanned', p_state);
    RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_decide(uuid,integer,text,text,text,text,integer,integer,integer,text) TO anamnesis_scan;
