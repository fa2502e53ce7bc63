-- For functions that are used before anybody is signed in: AN403 unless auth.anonymous() or auth.prove() has begun this
-- transaction. Beside a session they serve its own account (p_account; NULL: nobody's)
-- alone.
CREATE OR REPLACE FUNCTION auth.begun(p_account uuid) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM auth.acting a WHERE a.realm = 'none' OR a.actor_id = p_account) THEN
        RAISE EXCEPTION USING ERRCODE = 'AN403', MESSAGE = 'nobody has begun to sign in here';
    END IF;
END
$$;
