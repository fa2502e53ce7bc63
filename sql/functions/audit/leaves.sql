-- The leaves of the log's rows from one position up to another, which is not included, as lib/audit/row.h writes them: 56 bytes
-- a row, with position, id, time and the SHA-256 of all of the row. Empty when there are none.
CREATE OR REPLACE FUNCTION audit.leaves(p_from bigint, p_to bigint) RETURNS bytea
LANGUAGE sql STABLE
AS $$
    SELECT coalesce(string_agg(place || sha256('\x01' || place || what), '' ORDER BY position, id), '')
    FROM (SELECT e.position, e.id,
                 int8send(e.position) || int8send(e.id) || int8send((extract(epoch FROM e.at) * 1000000)::bigint) AS place,
                 coalesce('\x00000010' || uuid_send(e.practice_id), '\xffffffff')
                 || int4send(octet_length(e.realm::text)) || convert_to(e.realm::text, 'UTF8')
                 || coalesce('\x00000010' || uuid_send(e.actor_id), '\xffffffff')
                 || coalesce(int4send(octet_length(e.role)) || convert_to(e.role, 'UTF8'), '\xffffffff')
                 || coalesce('\x00000010' || uuid_send(e.session_id), '\xffffffff')
                 || int4send(octet_length(e.client_address)) || convert_to(e.client_address, 'UTF8')
                 || '\x00000010' || uuid_send(e.request_id)
                 || int4send(octet_length(e.operation)) || convert_to(e.operation, 'UTF8')
                 || coalesce('\x00000010' || uuid_send(e.object_id), '\xffffffff')
                 || int4send(16 * (num_nonnulls(e.patient_id) + coalesce(cardinality(e.patient_ids), 0)))
                 || coalesce(uuid_send(e.patient_id), '')
                 || coalesce((SELECT string_agg(uuid_send(u.id), '' ORDER BY u.place)
                              FROM unnest(e.patient_ids) WITH ORDINALITY AS u (id, place)), '')
                 || int4send(octet_length(e.outcome)) || convert_to(e.outcome, 'UTF8')
                 || coalesce(int4send(octet_length(e.detail)) || convert_to(e.detail, 'UTF8'), '\xffffffff') AS what
          FROM audit.event e WHERE e.position >= p_from AND e.position < p_to) AS r
$$;
