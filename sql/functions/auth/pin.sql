-- Pins who acts, until the end of the transaction (sql/schema/0112_pinned_actor.sql). `p_kind`: what is added to the moment;
-- `p_pins`: as auth.pins() has them, none of them NULL.
-- For functions with their owner's rights. Few functions and operators, no loop and no query, because plpgsql makes each
-- of its expressions ready anew in each transaction, at 2 to 3 thousand instructions for each function and operator in it.
-- The moment: microseconds since 1970 times 256, less those up to 2000.
CREATE OR REPLACE FUNCTION auth.pin(p_kind integer, p_pins bigint[], p_request uuid, p_operation text, p_address text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request text := set_config('anamnesis.request', concat_ws(' ', p_request, p_operation, coalesce(p_address, '')), true);
    pinned integer := num_nonnulls(
        setval('auth.pin_practice_1', p_pins[1]),
        setval('auth.pin_practice_2', p_pins[2]),
        setval('auth.pin_actor_1', p_pins[3]),
        setval('auth.pin_actor_2', p_pins[4]),
        setval('auth.pin_session_1', p_pins[5]),
        setval('auth.pin_session_2', p_pins[6]),
        setval('auth.pin_moment', (extract(epoch FROM now()) * 256000000)::bigint - 242351308800000000 + p_kind),
        setval('auth.pin_request', ('x' || left(encode(sha256(convert_to(request, 'UTF8')), 'hex'), 16))::bit(64)::bigint));
BEGIN
END
$$;
