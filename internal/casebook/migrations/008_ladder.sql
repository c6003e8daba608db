-- How far each kind of action has come, what people called wrong, and how taking back went. Times are nanoseconds since 1970 in UTC.
-- SQLite and Postgres both read this.

-- +goose Up
-- Levels, under their journal records. A row with a document was signed; one without was written by the machine and only lowers.
CREATE TABLE levels (
    seq      BIGINT PRIMARY KEY,
    action   TEXT NOT NULL,
    stratum  TEXT NOT NULL,
    level    BIGINT NOT NULL,
    under    TEXT NOT NULL,
    at       BIGINT NOT NULL,
    who      TEXT NOT NULL,
    because  TEXT NOT NULL,
    document TEXT NOT NULL
);

-- Actions of plans that a person called wrong.
CREATE TABLE wrongs (
    seq    BIGINT PRIMARY KEY,
    plan   TEXT NOT NULL,
    item   TEXT NOT NULL,
    who    TEXT NOT NULL,
    at     BIGINT NOT NULL,
    reason TEXT NOT NULL
);

-- Who alone may do something for a while, whatever machine they are on.
CREATE TABLE leases (
    name   TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until  BIGINT NOT NULL
);

ALTER TABLE steps ADD COLUMN undoing BIGINT; -- when it was first about to be taken back
ALTER TABLE steps ADD COLUMN failed BIGINT;  -- when taking it back last failed
