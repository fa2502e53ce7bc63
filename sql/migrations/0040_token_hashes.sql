-- What is stored of a token is keyed from here on (lib/crypto/token.h), so nothing that was handed out before is found any
-- more: sessions, sign-ins and resets under way, and links end. Staff sign in again and send their links anew; an invitation
-- that was open is shown as expired, which can be resent.
UPDATE auth.session SET ended_at = now() WHERE ended_at IS NULL;
UPDATE auth.challenge SET used_at = now() WHERE used_at IS NULL;
DELETE FROM auth.passkey_challenge;
UPDATE auth.staff_invitation SET used_at = now() WHERE used_at IS NULL;
UPDATE anamnesis.invitation SET expires_at = now() WHERE status = 'pending' AND expires_at > now();
