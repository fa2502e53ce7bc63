-- For jobs, now and then: moves on at most so many files of each kind. Those whose parts did not come in time; clean ones that nothing shows,
-- thirty days after the last response of their assignment was given or given up; and what is kept of infected ones that were clean, when its
-- time is over. Says how many there were.
--
-- By practice, as whoever counts locks one practice's row after the other.
CREATE OR REPLACE FUNCTION anamnesis.upload_expire(p_most integer)
RETURNS TABLE (expired bigint, unshown bigint, released bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    file anamnesis.upload;
    ended timestamptz;
BEGIN
    expired := 0; unshown := 0; released := 0;
    IF NOT pg_try_advisory_xact_lock(7020383421447828342) THEN
        RETURN NEXT; -- another one is at it
        RETURN;
    END IF;
    FOR file IN
        SELECT u.* FROM anamnesis.upload u
        WHERE u.id IN (SELECT e.id FROM anamnesis.upload e
                       WHERE e.state = 'awaiting-upload' AND e.expires_at <= now() ORDER BY e.expires_at LIMIT p_most)
          AND u.state = 'awaiting-upload'
        ORDER BY u.practice_id, u.id FOR UPDATE OF u SKIP LOCKED
    LOOP
        UPDATE anamnesis.upload u SET state = 'expired' WHERE u.id = file.id;
        expired := expired + 1;
    END LOOP;
    FOR file IN
        SELECT u.* FROM anamnesis.upload u
        WHERE u.id IN (SELECT e.id FROM anamnesis.upload e
                       WHERE e.state = 'clean' AND e.retain_until IS NOT NULL AND e.retain_until <= now()
                       ORDER BY e.retain_until LIMIT p_most)
          AND u.state = 'clean' AND u.retain_until <= now()
        ORDER BY u.practice_id, u.id FOR UPDATE OF u SKIP LOCKED
    LOOP
        -- Until a draft is given or given up its answers, which are sealed, may name the file.
        SELECT CASE WHEN bool_or(r.status = 'in-progress' AND a.status <> 'cancelled') THEN now() + interval '1 day'
                    ELSE max(coalesce(r.submitted_at, r.updated_at)) + interval '30 days' END
        INTO ended
        FROM anamnesis.response r JOIN anamnesis.assignment a ON a.id = r.assignment_id
        WHERE r.assignment_id = file.assignment_id;
        IF ended > now() THEN
            UPDATE anamnesis.upload u SET retain_until = ended WHERE u.id = file.id;
        ELSE
            UPDATE anamnesis.upload u SET state = 'expired' WHERE u.id = file.id;
            PERFORM anamnesis.upload_log(file.id, 'upload_expired', NULL);
            unshown := unshown + 1;
        END IF;
    END LOOP;
    FOR file IN
        SELECT u.* FROM anamnesis.upload u WHERE u.quarantined_until <= now() ORDER BY u.quarantined_until LIMIT p_most FOR UPDATE SKIP LOCKED
    LOOP
        UPDATE anamnesis.upload u SET salt = NULL, quarantined_until = NULL WHERE u.id = file.id;
        released := released + 1;
    END LOOP;
    DELETE FROM anamnesis.upload_grant WHERE hash IN (
        SELECT g.hash FROM anamnesis.upload_grant g WHERE g.expires_at < now() - interval '1 day' LIMIT p_most FOR UPDATE SKIP LOCKED);
    RETURN NEXT;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_expire(integer) TO anamnesis_jobs;
