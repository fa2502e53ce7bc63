-- Holds the answers that an account has so far: until `p_until`, or until its owner has proven more than staff can read.
-- The password from before the first hold is what counts; a second hold does not forget it. Only for functions.
CREATE OR REPLACE FUNCTION auth.hold(p_account uuid, p_password_before text, p_until timestamptz, p_mail boolean)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE auth.account a
    SET held_since = CASE WHEN a.held_until > now() THEN a.held_since ELSE now() END,
        held_password = CASE WHEN a.held_until > now() THEN a.held_password ELSE p_password_before END,
        held_mail = p_mail AND (a.held_mail OR coalesce(a.held_until, now()) <= now()),
        held_until = greatest(p_until, a.held_until)
    WHERE a.id = p_account AND a.realm = 'patient'
$$;
