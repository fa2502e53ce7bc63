-- A new member of staff, sealed with a new data key of their own, and the link to join by. The time of the row.
CREATE OR REPLACE FUNCTION auth.staff_invite(p_staff uuid, p_role text, p_email_index bytea, p_wrapped_key bytea, p_key bytea,
                                             p_email text, p_name text, p_token_hash bytea, p_expires_at timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.as_owner();
    RETURN auth.staff_join(auth.practice(), p_staff, p_role, p_email_index, p_wrapped_key, p_key, p_email, p_name,
                           p_token_hash, p_expires_at);
END
$$;
GRANT EXECUTE ON FUNCTION auth.staff_invite(uuid,text,bytea,bytea,bytea,text,text,bytea,timestamp with time zone) TO anamnesis_api;
