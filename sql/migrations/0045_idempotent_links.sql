-- A stored reply that shows a link says which one (its token's hash), so that it is not shown again once the link has ended.
ALTER TABLE anamnesis.idempotency ADD COLUMN link_hash bytea CHECK (octet_length(link_hash) = 32);
