-- passkey_remove :one!internal (passkey_id uuid) -> (outcome enum(removed|last|none))
-- Removes one of the signed-in account's: removed, none or last.
SELECT auth.passkey_remove($1) FROM (SELECT audit.about((SELECT auth.patient()))) AS whose
