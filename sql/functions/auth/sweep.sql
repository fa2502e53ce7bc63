-- For jobs, now and then: removes what does not count any more, and adds up what was counted. Returns how many rows were removed.
CREATE OR REPLACE FUNCTION auth.sweep(p_most integer)
RETURNS TABLE (challenges bigint, sessions bigint, throttles bigint, replies bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM auth.challenge WHERE token_hash IN (
        SELECT c.token_hash FROM auth.challenge c WHERE c.expires_at < now() - interval '1 day'
        LIMIT p_most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS challenges = ROW_COUNT;
    DELETE FROM auth.session WHERE id IN (
        SELECT s.id FROM auth.session s WHERE s.expires_at < now() - interval '30 days'
        LIMIT p_most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS sessions = ROW_COUNT;
    DELETE FROM auth.throttle WHERE key IN (
        SELECT t.key FROM auth.throttle t WHERE t.counts_until < now() LIMIT p_most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS throttles = ROW_COUNT;
    DELETE FROM auth.familiar WHERE (account_id, mark) IN (
        SELECT f.account_id, f.mark FROM auth.familiar f WHERE f.seen_at < now() - interval '180 days'
        LIMIT p_most FOR UPDATE SKIP LOCKED);
    DELETE FROM audit.stranger WHERE ctid IN (
        SELECT n.ctid FROM audit.stranger n WHERE n.hour < now() - interval '1 year' LIMIT p_most FOR UPDATE SKIP LOCKED);
    DELETE FROM anamnesis.idempotency WHERE ctid IN (
        SELECT i.ctid FROM anamnesis.idempotency i WHERE i.created_at < now() - interval '24 hours'
        LIMIT p_most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS replies = ROW_COUNT;
    PERFORM auth.fold_counts(20 * p_most);
    RETURN NEXT;
END
$$;
GRANT EXECUTE ON FUNCTION auth.sweep(integer) TO anamnesis_jobs;
