-- Notes that addresses are made for parts of the acting patient's file that count for so many seconds; until when any does that was made so
-- far. NULL when there is no such file, or no part is awaited any more.
CREATE OR REPLACE FUNCTION anamnesis.upload_urls(p_upload uuid, p_seconds integer) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    until timestamptz;
BEGIN
    UPDATE anamnesis.upload u
    SET urls_until = greatest(u.urls_until, now() + least(greatest(p_seconds, 1), 3600) * interval '1 second'), revision = u.revision + 1
    FROM anamnesis.upload_own(p_upload) o
    WHERE u.id = o.id AND u.state = 'awaiting-upload' AND u.expires_at > now()
    RETURNING u.urls_until INTO until;
    RETURN until;
END
$$;
GRANT EXECUTE ON FUNCTION anamnesis.upload_urls(uuid,integer) TO anamnesis_api;
