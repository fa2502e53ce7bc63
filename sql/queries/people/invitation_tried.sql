-- invitation_tried :one (token_hash bytea) -> (counted bool)
-- A wrong birth date; the fifth spends the invitation.
SELECT auth.invitation_tried($1) IS NULL
