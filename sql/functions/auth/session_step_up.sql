-- The present session is fresh for five minutes, under a new token (ASVS 7.2.4): the old one ends, but for requests that are under
-- way (auth.prove()). Only after a second factor in the same transaction.
CREATE OR REPLACE FUNCTION auth.session_step_up(p_token_hash bytea) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT auth.factor_is_fresh(auth.actor()) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'stepping up needs a second factor';
    END IF;
    UPDATE auth.session SET token_hash = p_token_hash, stepped_up_at = now(), last_seen_at = now(),
        former_hash = token_hash, former_until = now() + interval '10 seconds'
    WHERE id = auth.session() AND ended_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'AN401', MESSAGE = 'the session has ended';
    END IF;
    RETURN now() + interval '5 minutes';
END
$$;
GRANT EXECUTE ON FUNCTION auth.session_step_up(bytea) TO anamnesis_api;
