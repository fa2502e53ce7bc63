-- Names of objects compare by bytes, as the store's listing does: `anamnesis store check` reads both in one order.
ALTER TABLE anamnesis.upload_object ALTER COLUMN name TYPE text COLLATE "C";
ALTER TABLE anamnesis.object_leaving ALTER COLUMN name TYPE text COLLATE "C";
