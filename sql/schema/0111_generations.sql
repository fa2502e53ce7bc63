-- How often everything of the account was ended (auth.end_all): its sessions, and whatever sign-in was under way. Who found a
-- password right keeps the number, and makes a session or a challenge only while it is the account's.
ALTER TABLE auth.account ADD COLUMN generation integer NOT NULL DEFAULT 0;
