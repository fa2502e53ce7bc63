-- Waits for whoever stores one of these indexes of an address at the same moment, then says whether somebody else of the
-- practice's staff has it, or may still get it back. Of patients several may have one (families), so it is never taken. Only
-- for functions.
CREATE OR REPLACE FUNCTION auth.address_taken(p_realm text, p_practice uuid, p_owner uuid, p_indexes bytea[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    index bytea;
BEGIN
    IF p_realm <> 'staff' THEN
        RETURN false;
    END IF;
    -- As auth.claim_index: in one order, so that nobody waits in a circle.
    FOR index IN SELECT i FROM unnest(p_indexes) AS given (i) WHERE octet_length(i) = 32 ORDER BY i LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended('staff.email' || encode(index, 'hex'), 0));
    END LOOP;
    RETURN auth.address_kept(p_practice, p_owner, p_indexes) OR EXISTS (
        SELECT FROM anamnesis.staff s
        WHERE s.email_index = ANY (p_indexes) AND s.practice_id = p_practice AND s.id <> p_owner);
END
$$;
