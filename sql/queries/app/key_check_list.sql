-- key_check_list :many () -> (kind text, version int, value bytea, shut bool)
-- What the database knows of the keyring's keys: to tell a wrong or incomplete keyring before it is used. `shut`: nobody can
-- begin to sign in by it, or seal with it.
SELECT kind, version, value, kind IN ('pepper', 'audit') AND door IS NULL AS shut FROM auth.key_check WHERE retired_at IS NULL ORDER BY kind, version
