-- Who acts in a transaction is proven, not said, and every policy of every statement asks who it is: so the answer must be cheap
-- and nobody else's. auth.prove() and auth.anonymous() pin it in sequences (auth.pin). What a session last set a sequence to
-- (setval) is that session's own memory: currval() gives it back in a microsecond, without a table. The api role has no rights
-- on these sequences, so it can neither set nor read them; whatever settings it makes, the pinned actor stays who it was.
--
--   pin_moment    the begin of the transaction that pinned, in microseconds since 2000, times 256, plus what the actor is:
--                 1 staff, 2 patient, 3 both bits: nobody; 4 staff who see all patients; 8 a patient whose earlier answers
--                 are held; and 16 times 1 owner, 2 physician, 3 assistant, 4 auditor, 5 patient
--   pin_practice, pin_actor, pin_session   the identifiers' first and second eight bytes; zeros for none. While a sign-in is
--                 not finished: whom it is about
--   pin_request   the first eight bytes of the SHA-256 of what `anamnesis.request` says: request, operation and address
--
-- It is good in one transaction: the next one began at another microsecond. Unlogged, since the stored value means nothing.
CREATE UNLOGGED SEQUENCE auth.pin_moment     MINVALUE -9223372036854775808;
CREATE UNLOGGED SEQUENCE auth.pin_practice_1 MINVALUE -9223372036854775808;
CREATE UNLOGGED SEQUENCE auth.pin_practice_2 MINVALUE -9223372036854775808;
CREATE UNLOGGED SEQUENCE auth.pin_actor_1    MINVALUE -9223372036854775808;
CREATE UNLOGGED SEQUENCE auth.pin_actor_2    MINVALUE -9223372036854775808;
CREATE UNLOGGED SEQUENCE auth.pin_session_1  MINVALUE -9223372036854775808;
CREATE UNLOGGED SEQUENCE auth.pin_session_2  MINVALUE -9223372036854775808;
CREATE UNLOGGED SEQUENCE auth.pin_request    MINVALUE -9223372036854775808;

-- Databases from before had the actor in a setting, with a code under a secret. Policies and functions are made anew from
-- their files after this.
DROP VIEW IF EXISTS auth.acting CASCADE;
DROP TABLE IF EXISTS auth.proof_key;
