-- True when another second factor may be added: the first one, or in a session that is fresh.
CREATE OR REPLACE FUNCTION auth.may_add_factor(p_account uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT NOT auth.has_factor(p_account) OR (p_account = auth.actor() AND auth.is_fresh()) $$;
