-- For the scanner: the file whose turn it is, for this process alone until the lease ends; no row when there is none. The practice whose
-- turn was longest ago is next, within it the patient whose turn was longest ago, and of that patient the file that has been due for longest:
-- so nobody waits for another's many files. It waits for nobody: a practice whose limits are being counted is passed over this time.
--
-- `attempts` is the proof of the claim. The next try is put off already, so that a file that ends the scanner does not come back at every
-- lease. After the fifth that a fault of ours did not end (upload_put_off) it is rejected, and after a thousand that one did (a week): then
-- there is no row either, for a verdict counts in its own practice. A patient has at most two in hand, and files wait whose practice would not
-- believe signatures so old.
CREATE OR REPLACE FUNCTION anamnesis.upload_claim(p_lease_seconds integer, p_signatures_at timestamptz)
RETURNS TABLE (id uuid, patient_id uuid, type text, size bigint, parts integer, declared bytea, salt bytea, files_key bytea,
               attempts integer, created_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    lease CONSTANT integer := least(greatest(p_lease_seconds, 1), 3600);
    given_up uuid;
    practice uuid;
    file anamnesis.upload;
BEGIN
    SELECT u.id INTO given_up FROM anamnesis.upload u
    WHERE u.state = 'scanning' AND u.next_at <= now() AND (u.attempts - u.faults >= 5 OR u.faults >= 1000) AND u.claimed_until < now()
    ORDER BY u.next_at LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF FOUND THEN
        UPDATE anamnesis.upload u SET state = 'rejected', reason = 'not-scanned', decided_at = now() WHERE u.id = given_up;
        PERFORM anamnesis.upload_log(given_up, 'upload_scanned', 'rejected');
        RETURN;
    END IF;
    FOR practice IN
        SELECT p.practice_id FROM anamnesis.upload_quota p JOIN anamnesis.practice c ON c.id = p.practice_id
        WHERE p.patient_id IS NULL AND p.open_count > 0 AND p_signatures_at > now() - c.upload_days_signatures * interval '1 day'
        ORDER BY p.turn_at, p.practice_id
    LOOP
        SELECT due.* INTO file
        FROM anamnesis.upload_quota q CROSS JOIN LATERAL (
            SELECT u.* FROM anamnesis.upload u
            WHERE u.practice_id = practice AND u.patient_id = q.patient_id AND u.state = 'scanning' AND u.next_at <= now()
              AND u.attempts - u.faults < 5 AND u.faults < 1000 AND (u.claimed_until IS NULL OR u.claimed_until < now())
            ORDER BY u.next_at, u.id LIMIT 1) due
        WHERE q.practice_id = practice AND q.patient_id IS NOT NULL AND q.open_count > 0
          AND (SELECT count(*) FROM anamnesis.upload o
               WHERE o.practice_id = practice AND o.patient_id = q.patient_id AND o.state = 'scanning' AND o.claimed_until > now()) < 2
        ORDER BY q.turn_at, q.patient_id LIMIT 1;
        CONTINUE WHEN NOT FOUND;
        -- The practice's row first, as whoever counts does; whoever has the patient's has this one.
        PERFORM FROM anamnesis.upload_quota q WHERE q.practice_id = practice AND q.patient_id IS NULL FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        PERFORM FROM anamnesis.upload u
        WHERE u.id = file.id AND u.state = 'scanning' AND u.attempts = file.attempts FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND; -- another was faster
        UPDATE anamnesis.upload_quota q SET turn_at = clock_timestamp() WHERE q.practice_id = practice AND q.patient_id IS NULL;
        UPDATE anamnesis.upload_quota q SET turn_at = clock_timestamp()
        WHERE q.practice_id = practice AND q.patient_id = file.patient_id;
        RETURN QUERY
        UPDATE anamnesis.upload u
        SET attempts = u.attempts + 1, claimed_until = now() + lease * interval '1 second', signatures_at = p_signatures_at,
            next_at = now() + least(greatest(lease, 30 * 2 ^ (u.attempts - u.faults)), 3600) * interval '1 second'
        WHERE u.id = file.id
        RETURNING u.id, u.patient_id, u.type, u.size, u.parts::integer, u.declared, u.salt,
                  (SELECT k.files_key FROM anamnesis.data_key k WHERE k.patient_id = u.patient_id), u.attempts, u.created_at;
        RETURN;
    END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_claim(integer,timestamptz) TO anamnesis_scan;
