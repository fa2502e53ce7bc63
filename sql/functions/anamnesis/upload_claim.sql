-- For the scanner: the file whose turn it is, for this process alone until the lease ends; no row when there is none. The practice whose
-- turn was longest ago is next, within it the patient whose turn was longest ago, and of that patient the file that has been due for longest:
-- so nobody waits for another's many files.
--
-- `attempts` is the proof of the claim. The next try is put off already, so that a file that ends the scanner does not come back at every
-- lease; after the fifth that a fault of ours did not end (upload_put_off) it is rejected. A patient has at most two in hand, and files wait
-- whose practice would not believe signatures so old.
CREATE OR REPLACE FUNCTION anamnesis.upload_claim(p_lease_seconds integer, p_signatures_at timestamptz)
RETURNS TABLE (id uuid, patient_id uuid, type text, size bigint, parts integer, declared bytea, salt bytea, files_key bytea,
               attempts integer, created_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    TRIES CONSTANT integer := 5;
    lease CONSTANT integer := least(greatest(p_lease_seconds, 1), 3600);
    given_up uuid;
    file anamnesis.upload;
BEGIN
    FOR given_up IN
        SELECT u.id FROM anamnesis.upload u
        WHERE u.state = 'scanning' AND u.next_at <= now() AND u.attempts - u.faults >= TRIES AND u.claimed_until < now()
        ORDER BY u.next_at LIMIT 1 FOR UPDATE SKIP LOCKED
    LOOP
        UPDATE anamnesis.upload u SET state = 'rejected', reason = 'not-scanned', decided_at = now() WHERE u.id = given_up;
        PERFORM anamnesis.upload_log(given_up, 'upload_scanned', 'rejected');
    END LOOP;
    SELECT u.* INTO file
    FROM anamnesis.upload u
    JOIN anamnesis.practice c ON c.id = u.practice_id
    LEFT JOIN anamnesis.upload_quota p ON p.practice_id = u.practice_id AND p.patient_id IS NULL
    LEFT JOIN anamnesis.upload_quota q ON q.practice_id = u.practice_id AND q.patient_id = u.patient_id
    WHERE u.state = 'scanning' AND u.next_at <= now() AND u.attempts - u.faults < TRIES
      AND (u.claimed_until IS NULL OR u.claimed_until < now())
      AND p_signatures_at > now() - c.upload_days_signatures * interval '1 day'
      AND (SELECT count(*) FROM anamnesis.upload o
           WHERE o.practice_id = u.practice_id AND o.patient_id = u.patient_id AND o.state = 'scanning'
             AND o.claimed_until > now()) < 2
    ORDER BY p.turn_at NULLS FIRST, u.practice_id, q.turn_at NULLS FIRST, u.next_at, u.id LIMIT 1 FOR UPDATE OF u SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- The practice's row first, as whoever counts does.
    UPDATE anamnesis.upload_quota q SET turn_at = clock_timestamp() WHERE q.practice_id = file.practice_id AND q.patient_id IS NULL;
    UPDATE anamnesis.upload_quota q SET turn_at = clock_timestamp()
    WHERE q.practice_id = file.practice_id AND q.patient_id = file.patient_id;
    RETURN QUERY
    UPDATE anamnesis.upload u
    SET attempts = u.attempts + 1, claimed_until = now() + lease * interval '1 second',
        next_at = now() + least(greatest(lease, 30 * 2 ^ (u.attempts - u.faults)), 3600) * interval '1 second'
    WHERE u.id = file.id
    RETURNING u.id, u.patient_id, u.type, u.size, u.parts::integer, u.declared, u.salt,
              (SELECT k.files_key FROM anamnesis.data_key k WHERE k.patient_id = u.patient_id), u.attempts, u.created_at;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_claim(integer,timestamptz) TO anamnesis_scan;
