-- A new link for a member of the actor's practice; earlier ones end, and so do sessions. False when there is no such
-- member, or they are disabled. AN436: somebody else proposed their address, and the former one may still object.
CREATE OR REPLACE FUNCTION auth.staff_reinvite(p_staff uuid, p_token_hash bytea, p_expires_at timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.as_owner();
    IF auth.address_recent(p_staff) IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'AN436', MESSAGE = 'their address was changed a short time ago';
    END IF;
    RETURN auth.staff_link(auth.practice(), p_staff, p_token_hash, p_expires_at);
END
$$;
GRANT EXECUTE ON FUNCTION auth.staff_reinvite(uuid,bytea,timestamp with time zone) TO anamnesis_api;
