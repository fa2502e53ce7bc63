-- claim_index :exec (context text, owner uuid, indexes text, practice_id uuid)
SELECT auth.claim_index($1, $2, $3::bytea[], $4);
