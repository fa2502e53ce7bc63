-- sign_in_remember :one!internal (device bytea?, new_device bytea, address bytea, site bytea?) -> (kept bool)
-- Where the account that has just signed in is known from now on; whether its device keeps its token.
SELECT auth.sign_in_remember($1, $2, $3, $4)
