-- For a trigger: a new session says who acts, whatever made it; one that has ended says nobody, and has no key.
CREATE OR REPLACE FUNCTION auth.session_acts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.acts_as := 0;
    NEW.wrapped_key := NULL;
    IF NEW.ended_at IS NULL THEN
        SELECT a.acts_as, a.wrapped_key INTO NEW.acts_as, NEW.wrapped_key FROM auth.account_acts(NEW.realm, NEW.account_id) a;
    END IF;
    RETURN NEW;
END
$$;
