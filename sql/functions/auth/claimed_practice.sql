-- The practice as the setting says it, not proven: for the api role's own statements, where it lets them find rows by an index
-- and row-level security judges. Never in a function with its owner's rights, nor in a policy.
CREATE OR REPLACE FUNCTION auth.claimed_practice() RETURNS uuid LANGUAGE sql STABLE
RETURN nullif(substr(current_setting('anamnesis.actor', true), 4, 36), '')::uuid;
GRANT EXECUTE ON FUNCTION auth.claimed_practice() TO anamnesis_api;
