-- staff_invited_email :one (token_hash bytea, key bytea) -> (email text)
-- Their e-mail address, opened with their own key.
SELECT phi.open($2, 'staff.email:' || staff_id::text, email) FROM auth.staff_invited($1)
