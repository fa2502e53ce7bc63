-- Pins who acts, until the end of the transaction (sql/schema/0112_pinned_actor.sql). `p_kind`: what is added to the moment.
-- For functions with their owner's rights. Few expressions, no loop and no query, because
-- plpgsql makes each of its expressions ready anew in each transaction (a loop over the eight cost 17 us more).
CREATE OR REPLACE FUNCTION auth.pin(p_kind integer, p_practice uuid, p_actor uuid, p_session uuid, p_request uuid,
                                    p_operation text, p_address text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request text := set_config('anamnesis.request', p_request::text || ' ' || p_operation || ' ' || coalesce(p_address, ''), true);
    digits text := coalesce(encode(uuid_send(p_practice), 'hex'), '00000000000000000000000000000000')
                   || coalesce(encode(uuid_send(p_actor), 'hex'), '00000000000000000000000000000000')
                   || coalesce(encode(uuid_send(p_session), 'hex'), '00000000000000000000000000000000')
                   || right(encode(timestamptz_send(now()), 'hex'), 14) || lpad(to_hex(p_kind), 2, '0')
                   || left(encode(sha256(convert_to(request, 'UTF8')), 'hex'), 16);
    pinned integer := num_nonnulls(
        setval('auth.pin_practice_1', ('x' || substr(digits, 1, 16))::bit(64)::bigint),
        setval('auth.pin_practice_2', ('x' || substr(digits, 17, 16))::bit(64)::bigint),
        setval('auth.pin_actor_1', ('x' || substr(digits, 33, 16))::bit(64)::bigint),
        setval('auth.pin_actor_2', ('x' || substr(digits, 49, 16))::bit(64)::bigint),
        setval('auth.pin_session_1', ('x' || substr(digits, 65, 16))::bit(64)::bigint),
        setval('auth.pin_session_2', ('x' || substr(digits, 81, 16))::bit(64)::bigint),
        setval('auth.pin_moment', ('x' || substr(digits, 97, 16))::bit(64)::bigint),
        setval('auth.pin_request', ('x' || substr(digits, 113, 16))::bit(64)::bigint));
BEGIN
END
$$;
