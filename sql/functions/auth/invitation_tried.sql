-- A wrong birth date: the fifth spends the invitation.
CREATE OR REPLACE FUNCTION auth.invitation_tried(p_token_hash bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE anamnesis.invitation i
    SET tries = i.tries + 1, status = CASE WHEN i.tries + 1 >= 5 THEN 'spent' ELSE i.status END
    WHERE i.token_hash = p_token_hash AND i.status = 'pending'
$$;
GRANT EXECUTE ON FUNCTION auth.invitation_tried(bytea) TO anamnesis_api;
