-- Pins who acts, until the end of the transaction (sql/schema/0112_pinned_actor.sql). `p_kind`: what is added to the moment.
-- For functions with their owner's rights and a search path of their own.
CREATE OR REPLACE FUNCTION auth.pin(p_kind integer, p_practice uuid, p_actor uuid, p_session uuid, p_request uuid,
                                    p_operation text, p_address text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    practice text := coalesce(encode(uuid_send(p_practice), 'hex'), repeat('0', 32));
    actor text := coalesce(encode(uuid_send(p_actor), 'hex'), repeat('0', 32));
    session text := coalesce(encode(uuid_send(p_session), 'hex'), repeat('0', 32));
    request text := set_config('anamnesis.request', p_request::text || rpad(p_operation, 64) || coalesce(p_address, ''), true);
    dummy bigint;
BEGIN
    dummy := setval('auth.pin_moment', (('x' || encode(timestamptz_send(now()), 'hex'))::bit(64)::bigint << 8) | p_kind);
    dummy := setval('auth.pin_practice_1', ('x' || left(practice, 16))::bit(64)::bigint);
    dummy := setval('auth.pin_practice_2', ('x' || right(practice, 16))::bit(64)::bigint);
    dummy := setval('auth.pin_actor_1', ('x' || left(actor, 16))::bit(64)::bigint);
    dummy := setval('auth.pin_actor_2', ('x' || right(actor, 16))::bit(64)::bigint);
    dummy := setval('auth.pin_session_1', ('x' || left(session, 16))::bit(64)::bigint);
    dummy := setval('auth.pin_session_2', ('x' || right(session, 16))::bit(64)::bigint);
    dummy := setval('auth.pin_request', ('x' || encode(substr(sha256(convert_to(request, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint);
END
$$;
