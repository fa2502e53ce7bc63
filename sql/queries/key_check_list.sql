-- key_check_list :many () -> (kind text, version int, value bytea)
-- What the database knows of the keyring's keys: to tell a wrong or incomplete keyring before it is used.
SELECT kind, version, value FROM auth.key_check WHERE retired_at IS NULL ORDER BY kind, version
