-- The end of a month of the audit log: by the operator's hand, never by itself.
--
-- audit.drop_month takes a month out of the database that is older than the policy, and six years at least (45 CFR
-- 164.316(b)(2)(i)), wholly sealed, and of which an export that was proven holds every row; `anamnesis audit drop` proves
-- it. The row that says so, with the signed note, is written in the same transaction. The seals stay, with the hash of
-- each row that is gone: the export can be proven against them as long as there is a log.
--
-- Returns null when it was done, else why not: too-young, no-partition, other-log (the export ends with a seal that this
-- log does not have), not-sealed (rows of the month have no seal, or a later one than the export's last), rows-differ.
CREATE OR REPLACE FUNCTION audit.drop_month(p_month date, p_years integer, p_rows bigint, p_seal bigint, p_signature bytea,
                                 p_request_id uuid, p_note text) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    begins date := date_trunc('month', p_month::timestamp);
    name text := 'event_' || to_char(begins, 'YYYY_MM');
    ends timestamp := begins + interval '1 month';
    sealed_to bigint;
    found bigint;
    behind bigint;
BEGIN
    IF ends + make_interval(years => greatest(p_years, 6)) > now() AT TIME ZONE 'UTC' THEN
        RETURN 'too-young';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = 'audit.event'::regclass
                   AND i.inhrelid = to_regclass('audit.' || name)) THEN
        RETURN 'no-partition';
    END IF;
    SELECT s.horizon INTO sealed_to FROM audit.seal s WHERE s.number = p_seal AND s.signature = p_signature;
    IF sealed_to IS NULL THEN
        RETURN 'other-log';
    END IF;
    EXECUTE format('LOCK TABLE audit.%I IN SHARE MODE', name); -- nothing is added after it was counted
    EXECUTE format('SELECT count(*), count(*) FILTER (WHERE e.position >= $1) FROM audit.%I e', name)
        INTO found, behind USING sealed_to;
    IF behind > 0 THEN
        RETURN 'not-sealed';
    END IF;
    IF found <> p_rows THEN
        RETURN 'rows-differ';
    END IF;
    EXECUTE format('ALTER TABLE audit.event DETACH PARTITION audit.%I', name);
    EXECUTE format('DROP TABLE audit.%I', name);
    INSERT INTO audit.event (realm, client_address, request_id, operation, outcome, detail)
    VALUES ('system', 'local', p_request_id, 'audit_drop', 'ok', p_note);
    RETURN NULL;
END
$$;
