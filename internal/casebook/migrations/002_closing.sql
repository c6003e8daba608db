-- What closing under a certificate needs to stay honest. Times are nanoseconds since 1970 in UTC. SQLite and Postgres both read this.

-- +goose Up
ALTER TABLE verdicts ADD COLUMN received BIGINT; -- when the book first held one of its alerts
UPDATE verdicts SET received = (SELECT MIN(a.received) FROM alerts a WHERE a.verdict = verdicts.id);
CREATE INDEX verdicts_received ON verdicts (received);

-- What this book alone knows.
CREATE TABLE secrets (
    name  TEXT PRIMARY KEY,
    value BYTEA NOT NULL
);

-- The hosts and users of verdicts that belong to a case.
CREATE TABLE parties (
    verdict TEXT NOT NULL,
    kind    TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (verdict, kind, value)
);
INSERT INTO parties (verdict, kind, value) SELECT id, 'host', LOWER(host) FROM verdicts WHERE case_id IS NOT NULL AND host <> '';

-- The precedents that runs decided by.
CREATE TABLE precedents (
    digest   TEXT PRIMARY KEY,
    first    BIGINT NOT NULL, -- when it was first used
    since    BIGINT NOT NULL, -- since when without another in between
    alpha    DOUBLE PRECISION NOT NULL,
    delta    DOUBLE PRECISION NOT NULL,
    document TEXT NOT NULL
);

-- Groups that a certificate closed. One that was picked is a case like any other until it is decided.
CREATE TABLE closings (
    precedent TEXT NOT NULL,
    verdict   TEXT NOT NULL,
    score     BIGINT NOT NULL,
    threshold BIGINT NOT NULL,
    q         DOUBLE PRECISION NOT NULL, -- the probability of being picked
    picked    BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (precedent, verdict)
);
CREATE INDEX closings_verdict ON closings (verdict, picked);
CREATE INDEX closings_picked ON closings (precedent, picked);
CREATE INDEX decisions_verdict ON decisions (verdict);

-- Drift alarms, under their journal records.
CREATE TABLE alarms (
    seq       BIGINT PRIMARY KEY,
    precedent TEXT NOT NULL,
    what      TEXT NOT NULL,
    restored  BIGINT -- the journal record by which a person turned closing on again
);
