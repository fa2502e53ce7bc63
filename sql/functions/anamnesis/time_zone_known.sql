-- Whether the server knows the IANA time zone: by its very name, no abbreviation and no rule of one's own.
CREATE OR REPLACE FUNCTION anamnesis.time_zone_known(p_name text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
RETURN p_name ~ '^[A-Z][A-Za-z0-9+_-]*(/[A-Za-z0-9+_-]+)*$' AND p_name <> 'Factory'
    AND EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = p_name);
GRANT EXECUTE ON FUNCTION anamnesis.time_zone_known(text) TO anamnesis_api;
