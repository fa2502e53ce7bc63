-- staff_rename :one (revision int, key bytea, name text) -> (revision int?)
-- The signed-in member's new name; NULL when the revision is stale.
SELECT auth.staff_rename($1, $2, $3)
