-- For the scanner, when nothing waits: the newest file that was looked at with other signatures than these, and none that are newer, for this process
-- alone until the lease ends. Files that newer signatures took from 'clean' are among them, as long as they are kept, when these are newer still
-- and their practice believes them. `name` is the original's.
CREATE OR REPLACE FUNCTION anamnesis.upload_claim_again(p_lease_seconds integer, p_scanned_with text, p_signatures_at timestamptz)
RETURNS TABLE (id uuid, patient_id uuid, type text, size bigint, declared bytea, salt bytea, files_key bytea, attempts integer,
               state text, name text, plain_size bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    lease CONSTANT integer := least(greatest(p_lease_seconds, 1), 3600);
    since CONSTANT timestamptz := anamnesis.signatures_count_from(p_scanned_with, p_signatures_at);
    newest uuid;
BEGIN
    -- There are few different signatures at a time, and of each the newest file is the index's last one.
    WITH RECURSIVE signatures AS (
        (SELECT u.scanned_with AS name, u.signatures_at AS made FROM anamnesis.upload u
         WHERE u.state IN ('clean', 'infected') AND u.salt IS NOT NULL ORDER BY u.scanned_with, u.signatures_at LIMIT 1)
        UNION ALL
        SELECT n.name, n.made
        FROM signatures s CROSS JOIN LATERAL (
            SELECT u.scanned_with AS name, u.signatures_at AS made FROM anamnesis.upload u
            WHERE u.state IN ('clean', 'infected') AND u.salt IS NOT NULL AND (u.scanned_with, u.signatures_at) > (s.name, s.made)
            ORDER BY u.scanned_with, u.signatures_at LIMIT 1) n)
    SELECT f.id INTO newest
    FROM signatures s CROSS JOIN LATERAL (
        SELECT u.id FROM anamnesis.upload u
        WHERE u.state IN ('clean', 'infected') AND u.salt IS NOT NULL AND u.scanned_with = s.name AND u.signatures_at = s.made
          AND u.next_at <= now() AND (u.claimed_until IS NULL OR u.claimed_until < now())
          AND (u.state = 'clean' OR anamnesis.signatures_may_give_back(u.practice_id, u.signatures_at, since))
        ORDER BY u.id DESC LIMIT 1) f
    WHERE s.name <> p_scanned_with AND s.made <= since
    ORDER BY f.id DESC LIMIT 1;
    RETURN QUERY
    UPDATE anamnesis.upload u
    SET attempts = u.attempts + 1, claimed_until = now() + lease * interval '1 second',
        next_at = now() + least(greatest(lease, 30 * 2 ^ least(u.attempts, 12)), 86400) * interval '1 second'
    FROM anamnesis.upload_object o
    WHERE u.id = newest AND u.state IN ('clean', 'infected') AND u.salt IS NOT NULL
      AND u.next_at <= now() AND (u.claimed_until IS NULL OR u.claimed_until < now()) -- as it is now, when another was faster
      AND o.upload_id = u.id AND o.kind = 'original'
    RETURNING u.id, u.patient_id, u.type, u.size, u.declared, u.salt,
              (SELECT k.files_key FROM anamnesis.data_key k WHERE k.patient_id = u.patient_id), u.attempts, u.state, o.name, o.plain_size;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_claim_again(integer,text,timestamptz) TO anamnesis_scan;
