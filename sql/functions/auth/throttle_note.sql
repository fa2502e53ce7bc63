-- Notes a failed try under one key. It is free until `p_free` failures; then it waits 1, 2, 4 ... 900 s, and from
-- `p_most` on a day (of an account: NIST SP 800-63B-4 section 3.2.2, no more than 100 in a row). Without p_forget, a row
-- that makes nobody wait yet counts for a week and another one for ninety days; signing in forgets them all.
CREATE OR REPLACE FUNCTION auth.throttle_note(p_key bytea, p_free integer, p_most integer, p_forget interval,
                                              p_origin bytea) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    count integer;
BEGIN
    INSERT INTO auth.throttle AS t (key, failures, last_failure, blocked_until, counts_until, origin)
    VALUES (p_key, 1, moment, moment, moment, p_origin)
    ON CONFLICT (key) DO UPDATE SET
        failures = CASE WHEN t.counts_until < moment THEN 1 ELSE t.failures + 1 END,
        last_failure = moment, origin = p_origin
    RETURNING t.failures INTO count;
    UPDATE auth.throttle t SET
        blocked_until = moment + interval '1 second' * CASE
            WHEN count < p_free THEN 0
            WHEN count >= p_most THEN 86400
            ELSE least(900, 2 ^ least(count - p_free, 20)) END,
        counts_until = moment + coalesce(p_forget, CASE WHEN count < p_free THEN interval '7 days'
                                                        ELSE interval '90 days' END)
    WHERE t.key = p_key;
END
$$;
