-- Notes a failed sign-in. An account is free until its third failure; then 1, 2, 4 ... 900 s, and from the
-- hundredth on a day (NIST SP 800-63B-4 section 3.2.2: no more than 100 in a row); only signing in forgets. An
-- address is shared by a whole clinic: free until the thirtieth failure, forgotten after an hour without one.
CREATE OR REPLACE FUNCTION auth.throttle_note(p_key bytea, p_free integer, p_most integer, p_forget interval) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO auth.throttle AS t (key, failures, last_failure, blocked_until)
    VALUES (p_key, 1, clock_timestamp(), clock_timestamp())
    ON CONFLICT (key) DO UPDATE SET
        failures = CASE WHEN t.last_failure < clock_timestamp() - p_forget THEN 1 ELSE t.failures + 1 END,
        last_failure = clock_timestamp(),
        blocked_until = clock_timestamp() + interval '1 second' * CASE
            WHEN t.last_failure < clock_timestamp() - p_forget OR t.failures + 1 < p_free THEN 0
            WHEN t.failures + 1 >= p_most THEN 86400
            ELSE least(900, 2 ^ least(t.failures + 1 - p_free, 20)) END
$$;
