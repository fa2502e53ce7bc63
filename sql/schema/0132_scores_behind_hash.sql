-- What is read together is sealed together: each sealed value that a read opens is a tenth of what the database does for it. Of a
-- response that is submitted from now on, response_sha256 has the 64 hexadecimal digits of the hash and right behind them the scores,
-- and the column `scores` nothing. What was submitted before stays as it is, with both columns; it is read as before.
ALTER TABLE anamnesis.response ALTER COLUMN response_sha256 SET STORAGE EXTERNAL; -- ciphertext does not compress
