-- The place in the order of the log for rows of this transaction.
CREATE OR REPLACE FUNCTION audit.next_position() RETURNS bigint LANGUAGE sql VOLATILE
RETURN pg_current_xact_id()::text::bigint + audit.epoch();
