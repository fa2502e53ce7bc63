-- address_change_open :one (realm text, link text, token_hash bytea, key bytea) -> (practice_name text, confirmed bool, old_email text?, new_email text)
-- The two addresses, opened with the account's own key.
SELECT practice_name, confirmed, phi.open($4, 'address_change.old_email:' || change_id::text, old_email),
       phi.open($4, 'address_change.new_email:' || change_id::text, new_email)
FROM auth.address_change_of($1, $2, $3), (SELECT audit.about((SELECT auth.patient()))) AS whose
