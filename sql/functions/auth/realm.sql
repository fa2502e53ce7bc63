-- 'staff', 'patient' or 'none', as auth.prove() or auth.anonymous() has proven it in this transaction; NULL when nothing was. These
-- functions (practice, actor, patient, realm, role, session) check the proof at each call; policies, and functions that are used
-- often, read auth.acting.
CREATE OR REPLACE FUNCTION auth.realm() RETURNS text LANGUAGE plpgsql STABLE
AS $$ BEGIN RETURN (SELECT a.realm FROM auth.acting a); END $$;
GRANT EXECUTE ON FUNCTION auth.realm() TO anamnesis_api;
