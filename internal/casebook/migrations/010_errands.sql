-- Plans that soc respond watch carries out: handed over by who agreed to them, or made by the machine for itself. Times are nanoseconds since
-- 1970 in UTC. SQLite and Postgres both read this.

-- +goose Up
CREATE TABLE errands (
    plan  TEXT PRIMARY KEY,
    seq   BIGINT NOT NULL, -- the journal's record of handing it over
    who   TEXT NOT NULL,
    at    BIGINT NOT NULL,
    ended BIGINT,          -- NULL: it is still to be carried out
    why   TEXT NOT NULL,   -- it was not carried out; empty: it was
    rest  TEXT NOT NULL    -- receipts of what was not begun of it
);
CREATE INDEX errands_open ON errands (seq) WHERE ended IS NULL;
