-- A session's row says what its proof needs, so that auth.prove() looks once: who acts (as pin_moment in 0112_pinned_actor.sql has it,
-- without the bit of held answers; 0 for nobody: the account is not active), and of staff the wrapped key. Patients' keys stay in
-- their one table alone, where an erasure wipes them. Triggers keep it true: what changes in a role, a state, a key or a
-- practice's rule counts at once.
ALTER TABLE auth.session
    ADD COLUMN acts_as integer,
    ADD COLUMN wrapped_key bytea;
UPDATE auth.session s SET (acts_as, wrapped_key) = (SELECT a.acts_as, a.wrapped_key FROM auth.account_acts(s.realm, s.account_id) a)
WHERE s.ended_at IS NULL;
UPDATE auth.session SET acts_as = 0 WHERE ended_at IS NOT NULL;
ALTER TABLE auth.session
    ALTER COLUMN acts_as SET NOT NULL,
    ADD CONSTRAINT session_acts_as CHECK (CASE WHEN ended_at IS NOT NULL THEN acts_as = 0 AND wrapped_key IS NULL
        WHEN realm = 'staff' THEN (acts_as = 0 OR acts_as & 11 = 1) AND wrapped_key IS NOT NULL
        ELSE acts_as IN (0, 82) AND wrapped_key IS NULL END);

CREATE TRIGGER acts BEFORE INSERT OR UPDATE OF ended_at ON auth.session
    FOR EACH ROW EXECUTE FUNCTION auth.session_acts();
CREATE TRIGGER sessions_follow AFTER UPDATE OF role, status, wrapped_key ON anamnesis.staff
    FOR EACH ROW WHEN ((OLD.role, OLD.status, OLD.wrapped_key) IS DISTINCT FROM (NEW.role, NEW.status, NEW.wrapped_key))
    EXECUTE FUNCTION auth.sessions_follow_account();
CREATE TRIGGER sessions_follow AFTER UPDATE OF status ON anamnesis.patient
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION auth.sessions_follow_account();
CREATE TRIGGER sessions_follow AFTER UPDATE OF patient_access ON anamnesis.practice
    FOR EACH ROW WHEN (OLD.patient_access IS DISTINCT FROM NEW.patient_access) EXECUTE FUNCTION auth.sessions_follow_practice();
-- Also where session_replication_role, a superuser's switch, turns others off.
ALTER TABLE auth.session ENABLE ALWAYS TRIGGER acts;
ALTER TABLE anamnesis.staff ENABLE ALWAYS TRIGGER sessions_follow;
ALTER TABLE anamnesis.patient ENABLE ALWAYS TRIGGER sessions_follow;
ALTER TABLE anamnesis.practice ENABLE ALWAYS TRIGGER sessions_follow;
