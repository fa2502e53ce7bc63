-- For functions that are used before anybody is signed in: AN403 unless auth.anonymous() or auth.prove() has begun this
-- transaction. Beside a session they serve its own account (p_account; NULL: nobody's)
-- alone.
CREATE OR REPLACE FUNCTION auth.begun(p_account uuid) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (auth.realm() = 'none' OR auth.actor() = p_account) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'nobody has begun to sign in here';
    END IF;
END
$$;
