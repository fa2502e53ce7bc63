-- Who adds a seal to the audit log shows that they have the key that signs it, as workers show the pepper's (audit.seal_add).
ALTER TABLE auth.key_check
    DROP CONSTRAINT key_check_check,
    ADD CONSTRAINT key_check_door CHECK (door IS NULL OR (octet_length(door) = 32 AND kind IN ('pepper', 'audit')));
