-- How a response was carried over to its present version. A function: few were.
CREATE OR REPLACE FUNCTION anamnesis.last_migration(p_response uuid) RETURNS anamnesis.response_migration
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN (SELECT m FROM anamnesis.response_migration m WHERE m.response_id = p_response ORDER BY m.id DESC LIMIT 1);
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.last_migration(uuid) TO anamnesis_api;
