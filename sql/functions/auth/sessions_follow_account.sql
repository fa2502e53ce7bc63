-- For a trigger: what changed of somebody of staff, or of a patient, counts in the sessions that they have.
CREATE OR REPLACE FUNCTION auth.sessions_follow_account() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM auth.account a WHERE a.id = NEW.id FOR NO KEY UPDATE; -- as auth.end_all: the account, then its sessions
    UPDATE auth.session s SET (acts_as, wrapped_key) = (SELECT a.acts_as, a.wrapped_key FROM auth.account_acts(s.realm, s.account_id) a)
    WHERE s.account_id = NEW.id AND s.ended_at IS NULL;
    RETURN NULL;
END
$$;
