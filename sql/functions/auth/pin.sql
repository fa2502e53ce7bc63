-- Pins who acts, until the end of the transaction (sql/schema/0112_pinned_actor.sql). `p_kind`: what is added to the moment.
-- For functions with their owner's rights and a search path of their own. Few expressions and no query, because plpgsql makes
-- each of its expressions ready anew in each transaction.
CREATE OR REPLACE FUNCTION auth.pin(p_kind integer, p_practice uuid, p_actor uuid, p_session uuid, p_request uuid,
                                    p_operation text, p_address text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    pins CONSTANT regclass[] := '{auth.pin_practice_1,auth.pin_practice_2,auth.pin_actor_1,auth.pin_actor_2,auth.pin_session_1,'
                                'auth.pin_session_2,auth.pin_moment,auth.pin_request}';
    request text := set_config('anamnesis.request', p_request::text || rpad(p_operation, 64) || coalesce(p_address, ''), true);
    digits text := coalesce(encode(uuid_send(p_practice), 'hex'), '00000000000000000000000000000000')
                   || coalesce(encode(uuid_send(p_actor), 'hex'), '00000000000000000000000000000000')
                   || coalesce(encode(uuid_send(p_session), 'hex'), '00000000000000000000000000000000')
                   || right(encode(timestamptz_send(now()), 'hex'), 14) || lpad(to_hex(p_kind), 2, '0')
                   || left(encode(sha256(convert_to(request, 'UTF8')), 'hex'), 16);
    pinned bigint;
BEGIN
    FOR i IN 1..8 LOOP
        pinned := setval(pins[i], ('x' || substr(digits, 16 * i - 15, 16))::bit(64)::bigint);
    END LOOP;
END
$$;
