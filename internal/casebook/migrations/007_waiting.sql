-- What workers share. Times are nanoseconds since 1970 in UTC. SQLite and Postgres both read this.

-- +goose Up
-- Alerts that arrived and are not judged yet. Who judges one deletes its row in the same transaction.
CREATE TABLE waiting (
    place       TEXT NOT NULL, -- the input and where in it: what comes twice has one place
    digest      BYTEA NOT NULL,
    id          TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    arrived     BIGINT NOT NULL, -- of all that came together; a job of that name is due one gap later
    input       TEXT NOT NULL, -- as in alerts
    body        BYTEA NOT NULL, -- zstd
    display     BYTEA, -- zstd: the JSON made of it, where it is none
    PRIMARY KEY (place, digest)
);
CREATE INDEX waiting_fingerprint ON waiting (fingerprint, arrived);
CREATE INDEX waiting_arrived ON waiting (arrived);
CREATE INDEX waiting_digest ON waiting (digest);

-- Pieces of a batch that is rescored.
CREATE TABLE chunks (
    name    TEXT PRIMARY KEY, -- the digest of what its result depends on
    at      BIGINT NOT NULL,
    body    BYTEA, -- zstd, until there is a result
    result  BYTEA  -- zstd
);
