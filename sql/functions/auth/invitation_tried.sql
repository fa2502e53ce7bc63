-- A wrong birth date: the fifth spends the invitation.
CREATE OR REPLACE FUNCTION auth.invitation_tried(p_token_hash bytea) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.begun(NULL);
    UPDATE anamnesis.invitation i
    SET tries = i.tries + 1, status = CASE WHEN i.tries + 1 >= 5 THEN 'spent' ELSE i.status END
    WHERE i.token_hash = p_token_hash AND i.status = 'pending';
END
$$;
GRANT EXECUTE ON FUNCTION auth.invitation_tried(bytea) TO anamnesis_api;
