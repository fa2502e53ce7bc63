-- The place in the order of the log for rows of this transaction.
CREATE OR REPLACE FUNCTION audit.next_position() RETURNS bigint LANGUAGE sql VOLATILE
RETURN txid_current() + audit.epoch(); -- as pg_current_xact_id(), but a number at once
