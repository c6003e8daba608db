-- Who has had a lease since when, where the reading of a source began, and what people are to be told. Times are nanoseconds since 1970 in UTC. SQLite and Postgres both read this.

-- +goose Up
ALTER TABLE leases ADD COLUMN since BIGINT NOT NULL DEFAULT 0; -- 0: nobody said

ALTER TABLE marks ADD COLUMN began BIGINT; -- of what was asked for first: nothing before it is wanted; NULL: nobody noted it

-- What is to be told of a verdict, stored with it. Whoever told it, or has what is to be told on a disk of its own, deletes the row.
CREATE TABLE outbox (
    name TEXT PRIMARY KEY, -- what it is about and the verdict's id: a receiver that is told twice knows it by that
    at   BIGINT NOT NULL,
    body BYTEA NOT NULL -- zstd
);
CREATE INDEX outbox_at ON outbox (at);
