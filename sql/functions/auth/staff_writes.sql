-- Staff whose role is not only to look on.
CREATE OR REPLACE FUNCTION auth.staff_writes() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN auth.realm() = 'staff' AND auth.role() IN ('owner', 'physician', 'assistant');
GRANT EXECUTE ON FUNCTION auth.staff_writes() TO anamnesis_api;
