-- For the scanner: the check values of the keys under which files keys are sealed for it (lib/crypto/key_check.h). With another keyring no
-- file would open, and each would be given up after a few attempts: so it compares before it claims one.
CREATE OR REPLACE FUNCTION anamnesis.scanner_keys() RETURNS TABLE (version integer, value bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT k.version, k.value FROM auth.key_check k WHERE k.kind = 'files' AND k.retired_at IS NULL ORDER BY k.version
$$;
GRANT EXECUTE ON FUNCTION anamnesis.scanner_keys() TO anamnesis_scan;
