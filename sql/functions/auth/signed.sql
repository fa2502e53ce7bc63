-- The setting of auth.acting for what is said in its first 275 characters: with the code behind them.
CREATE OR REPLACE FUNCTION auth.signed(p_secret bytea, p_said text) RETURNS text LANGUAGE sql STABLE
RETURN p_said || encode(sha256(p_secret || int4send(pg_backend_pid()) || timestamptz_send(now())
                               || convert_to(p_said, 'UTF8')), 'hex');
