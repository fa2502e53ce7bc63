-- The realm of the account that is acting, as it was proven: 'staff', 'patient', 'none'; NULL when nothing was. How it is known, and
-- why nobody else makes it: sql/schema/0112_pinned_actor.sql.
-- Its kin (role, practice, actor, scope ...) each have the two conditions in their own expression: a function for them would
-- cost more than they do, in every policy.
CREATE OR REPLACE FUNCTION auth.realm() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
BEGIN
    RETURN CASE WHEN current_setting('anamnesis.request', true) <> '' THEN
           CASE WHEN int8send(currval('auth.pin_moment') >> 8) = timestamptz_send(now()) THEN
           CASE currval('auth.pin_moment') & 3 WHEN 1 THEN 'staff' WHEN 2 THEN 'patient' ELSE 'none' END
           END END;
END
$$;
GRANT EXECUTE ON FUNCTION auth.realm() TO anamnesis_api;
