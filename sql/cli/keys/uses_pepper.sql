-- uses_pepper :many () -> (what text, version bigint, count bigint)
-- A recovery code's hash does not tell its pepper: it is believed to need the one that was surely in use. A
-- token's hash tells the last byte of its version, and versions are few: it is the newest one with that byte.
-- What is used or over is not counted.
SELECT 'passwords' AS what, coalesce(substring(password_hash FROM '^p([0-9]{1,10})[$]')::bigint, 0) AS version, count(*)
FROM auth.account WHERE password_hash IS NOT NULL GROUP BY 2
UNION ALL
SELECT 'recovery codes',
       coalesce((SELECT max(k.version) FROM auth.key_check k WHERE k.kind = 'pepper' AND k.in_use_since <= r.created_at),
                (SELECT min(k.version) FROM auth.key_check k WHERE k.kind = 'pepper' AND k.retired_at IS NULL), 0)::bigint,
       count(*)
FROM auth.recovery_code r WHERE r.used_at IS NULL GROUP BY 2
UNION ALL
SELECT t.what,
       coalesce((SELECT max(k.version) FROM auth.key_check k WHERE k.kind = 'pepper' AND k.version & 255 = t.pepper), 0)::bigint,
       count(*)
FROM (SELECT 'sessions', get_byte(token_hash, 0) FROM auth.session WHERE ended_at IS NULL AND expires_at > now()
      UNION ALL SELECT 'sign-ins and resets', get_byte(token_hash, 0) FROM auth.challenge
      WHERE used_at IS NULL AND expires_at > now()
      UNION ALL SELECT 'invitations', get_byte(token_hash, 0) FROM anamnesis.invitation
      WHERE status = 'pending' AND expires_at > now()
      UNION ALL SELECT 'addresses', get_byte(h, 0)
      FROM auth.address_change c, unnest(ARRAY[c.confirm_hash, c.object_hash, c.again_hash]) AS h
      WHERE h IS NOT NULL AND c.ended_at IS NULL AND coalesce(c.object_until, c.expires_at) > now()
      UNION ALL SELECT 'addresses', get_byte(answer_hash, 0) FROM anamnesis.invitation
      WHERE answer_hash IS NOT NULL AND answer IS NULL AND expires_at > now() - interval '72 hours'
      UNION ALL SELECT 'staff invitations', get_byte(token_hash, 0) FROM auth.staff_invitation
      WHERE used_at IS NULL AND expires_at > now()) AS t (what, pepper)
GROUP BY 1, 2
ORDER BY 1, 2;
