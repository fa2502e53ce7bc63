-- For the scanner: what it found in a file that upload_claim_again gave it. One that was clean may be infected, and one that was taken from
-- 'clean' may be clean after all, when these signatures are newer than those, and believed. False when they are not, when the file moved on
-- meanwhile, or is in other hands. What changes is a row of the audit log.
CREATE OR REPLACE FUNCTION anamnesis.upload_note_again(p_upload uuid, p_attempt integer, p_state text, p_signature text,
                                                       p_scanned_with text, p_signatures_at timestamptz)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    file anamnesis.upload;
    made CONSTANT timestamptz := anamnesis.signatures_count_from(p_scanned_with, p_signatures_at);
BEGIN
    SELECT u.* INTO file FROM anamnesis.upload u
    WHERE u.id = p_upload AND u.state IN ('clean', 'infected') AND u.salt IS NOT NULL AND u.attempts = p_attempt
      AND u.claimed_until IS NOT NULL
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    ELSIF (p_state IN ('clean', 'infected')) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'this is no verdict';
    ELSIF made < file.signatures_at OR ((file.state, p_state) = ('infected', 'clean') AND
                                        NOT anamnesis.signatures_may_give_back(file.practice_id, file.signatures_at, made)) THEN
        RETURN false;
    END IF;
    UPDATE anamnesis.upload u
    SET state = p_state, signature = p_signature, scanned_with = p_scanned_with, signatures_at = made, attempts = 0, faults = 0,
        next_at = now(),
        claimed_until = NULL, decided_at = CASE WHEN u.state = p_state THEN u.decided_at ELSE now() END
    WHERE u.id = p_upload;
    IF file.state <> p_state THEN
        PERFORM anamnesis.upload_log(p_upload, 'upload_rescanned', p_state);
    END IF;
    RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_note_again(uuid,integer,text,text,text,timestamptz) TO anamnesis_scan;
