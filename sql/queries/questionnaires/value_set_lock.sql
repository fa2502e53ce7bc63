-- value_set_lock :one! (id uuid) -> (revision int)
-- One value set, until the end of the transaction nobody else's to change.
SELECT revision FROM anamnesis.value_set WHERE practice_id = (SELECT auth.practice()) AND id = $1 FOR UPDATE
