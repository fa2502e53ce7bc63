-- From when on signatures count, by their name and when they were made. Those that an instance without others has for development know one file:
-- they say nothing of what any others have looked at.
CREATE OR REPLACE FUNCTION anamnesis.signatures_count_from(p_name text, p_made_at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN p_name ~ '^development\.ndb:[^,]*$' THEN '-infinity' ELSE p_made_at END
$$;
