-- Practice, account and session as auth.pin() pins them: the first and the second eight bytes of each, zeros for none. A session's
-- row has its own, worked out when it was made (sql/schema/0131_session_pins.sql).
CREATE OR REPLACE FUNCTION auth.pins(p_practice uuid, p_account uuid, p_session uuid) RETURNS bigint[] LANGUAGE sql IMMUTABLE
RETURN ARRAY[('x' || left(encode(uuid_send(coalesce(p_practice, '00000000-0000-0000-0000-000000000000')), 'hex'), 16))::bit(64)::bigint,
             ('x' || right(encode(uuid_send(coalesce(p_practice, '00000000-0000-0000-0000-000000000000')), 'hex'), 16))::bit(64)::bigint,
             ('x' || left(encode(uuid_send(coalesce(p_account, '00000000-0000-0000-0000-000000000000')), 'hex'), 16))::bit(64)::bigint,
             ('x' || right(encode(uuid_send(coalesce(p_account, '00000000-0000-0000-0000-000000000000')), 'hex'), 16))::bit(64)::bigint,
             ('x' || left(encode(uuid_send(coalesce(p_session, '00000000-0000-0000-0000-000000000000')), 'hex'), 16))::bit(64)::bigint,
             ('x' || right(encode(uuid_send(coalesce(p_session, '00000000-0000-0000-0000-000000000000')), 'hex'), 16))::bit(64)::bigint];
