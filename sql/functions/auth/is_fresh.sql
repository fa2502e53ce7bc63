-- Whether the present session has stepped up within five minutes; by the token that it has since then.
CREATE OR REPLACE FUNCTION auth.is_fresh() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM auth.session s WHERE s.id = auth.session() AND s.ended_at IS NULL
                                                AND s.stepped_up_at > now() - interval '5 minutes')
           AND coalesce(current_setting('anamnesis.former', true), '') = ''
$$;
GRANT EXECUTE ON FUNCTION auth.is_fresh() TO anamnesis_api;
