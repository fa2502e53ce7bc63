-- While two index keys are in use, the unique constraints cannot see that two indexes are of one value: each key makes
-- another one. Whoever is about to store an index gives here the indexes of the value under every key of the keyring.
-- Two who store the same value share at least one of them, and so wait for each other; the second one finds the first
-- one's row, by whichever key it was indexed, and is refused as by the constraint. So is who takes an address that somebody
-- of the staff may still get back (auth.address_kept). Patients: auth.patient_claim. p_practice: for the operator's command,
-- which is of none.
CREATE OR REPLACE FUNCTION auth.claim_index(p_context text, p_owner uuid, p_indexes bytea[], p_practice uuid DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    index bytea;
    name text;
    practice uuid := coalesce(auth.practice(), p_practice);
BEGIN
    IF (session_user <> 'anamnesis_owner' AND coalesce(auth.realm(), 'none') NOT IN ('staff', 'patient'))
       OR cardinality(p_indexes) > 16 THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'nobody is signed in who could store this';
    END IF;
    -- In one order, so that nobody waits in a circle.
    FOR index IN SELECT i FROM unnest(p_indexes) AS given (i) WHERE octet_length(i) = 32 ORDER BY i LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended(p_context || encode(index, 'hex'), 0));
    END LOOP;
    name := CASE p_context
        WHEN 'staff.email' THEN (SELECT 'staff_email_key' FROM anamnesis.staff s
            WHERE s.email_index = ANY (p_indexes) AND s.practice_id = practice AND s.id <> p_owner
            UNION ALL SELECT 'staff_email_key' WHERE auth.address_kept(practice, p_owner, p_indexes) LIMIT 1)
        ELSE 'no such context' END;
    IF name = 'no such context' THEN
        RAISE EXCEPTION USING ERRCODE = 'AN500', MESSAGE = 'there is no such index';
    ELSIF name IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = '23505', CONSTRAINT = name, MESSAGE = 'somebody else has this value';
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION auth.claim_index(text,uuid,bytea[],uuid) TO anamnesis_api;
