-- Who is acting, and the record of what was done.
--
-- The actor of a transaction is in settings that end with it (set_config(..., true)): auth.prove() and its kin
-- write them, row-level security and the audit row read them. They keep a handler that forgets a condition from
-- another practice's rows. They are no wall against SQL of an attacker's own under the api role, which could set
-- them: that SQL is only ever sent by name (sql/queries/) is what keeps it out.
--
-- Each function is one expression in the standard's form, so it is inlined, and a comparison with it is an index
-- condition. A setting that was never made is NULL, one that ended with its transaction is ''.
CREATE OR REPLACE FUNCTION auth.realm() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('anamnesis.realm', true), '');
GRANT EXECUTE ON FUNCTION auth.realm() TO anamnesis_api;
