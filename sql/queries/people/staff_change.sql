-- staff_change :one (id uuid, revision int, role text?, status text?) -> (revision int?)
-- Role and state; NULL when the revision is stale.
SELECT auth.staff_change($1, $2, $3, $4)
