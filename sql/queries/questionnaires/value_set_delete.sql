-- value_set_delete :exec (id uuid)
DELETE FROM anamnesis.value_set WHERE practice_id = (SELECT auth.practice()) AND id = $1
