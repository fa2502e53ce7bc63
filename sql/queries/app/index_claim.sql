-- index_claim :one (context text, owner uuid, indexes bytea[]) -> (claimed bool)
-- Refuses a value that somebody else has under another index key; see auth.claim_index.
SELECT true FROM (SELECT auth.claim_index($1, $2, $3)) AS claim
