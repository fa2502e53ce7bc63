-- erasure_minutes :one () -> (answer text?)
SELECT coalesce(extract(epoch FROM now() - min(e.erased_at)) / 60, 0)::bigint::text AS answer FROM auth.erasure e;
