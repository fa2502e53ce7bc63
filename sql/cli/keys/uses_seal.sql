-- uses_seal :many () -> (what text, version bigint, count bigint)
SELECT 'authenticators' AS what, auth.key_version(totp_sealed) AS version, count(*) FROM auth.account
WHERE totp_sealed IS NOT NULL GROUP BY 2
UNION ALL SELECT 'pending authenticators', auth.key_version(totp_pending), count(*) FROM auth.account
WHERE totp_pending IS NOT NULL GROUP BY 2
UNION ALL SELECT 'passkeys', auth.key_version(passkey_sealed), count(*) FROM auth.passkey GROUP BY 2
UNION ALL SELECT 'messages', auth.key_version(sealed), count(*) FROM anamnesis.outbox
WHERE sealed IS NOT NULL GROUP BY 2
UNION ALL SELECT 'stored replies', auth.key_version(reply_sealed), count(*) FROM anamnesis.idempotency
WHERE reply_sealed IS NOT NULL GROUP BY 2
ORDER BY 1, 2;
