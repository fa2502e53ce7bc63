-- For a trigger: whom a practice's staff see counts in the sessions that they have.
CREATE OR REPLACE FUNCTION auth.sessions_follow_practice() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE auth.session s SET (acts_as, wrapped_key) = (SELECT a.acts_as, a.wrapped_key FROM auth.account_acts(s.realm, s.account_id) a)
    WHERE s.account_id IN (SELECT m.id FROM anamnesis.staff m WHERE m.practice_id = NEW.id) AND s.ended_at IS NULL;
    RETURN NULL;
END
$$;
