-- What systems handed over, and how far they were read. Times are nanoseconds since 1970 in UTC. SQLite and Postgres both read this.

-- +goose Up
CREATE TABLE arrivals (
    source   TEXT NOT NULL, -- the name in soc.yaml
    item     TEXT NOT NULL, -- what the system calls it: what is written back goes there
    edition  TEXT NOT NULL,
    digest   BYTEA NOT NULL, -- of the alert; empty for what is only remembered
    changed  BIGINT,
    received BIGINT NOT NULL,
    waits    BIGINT NOT NULL, -- 1 until it was judged or rejected; 2: only its name is kept
    body     BYTEA, -- zstd, while it waits
    display  BYTEA, -- zstd, while it waits: the JSON made of it
    PRIMARY KEY (source, item, edition)
);
CREATE INDEX arrivals_digest ON arrivals (digest);
CREATE INDEX arrivals_waiting ON arrivals (waits, source);

-- One row is one source.
CREATE TABLE marks (
    source   TEXT PRIMARY KEY,
    query    TEXT NOT NULL, -- for which the mark holds
    mark     BIGINT, -- everything that was changed before is in the book
    seen     BIGINT, -- when it was read without trouble
    failed   BIGINT, -- when it last failed, since it was
    failures BIGINT NOT NULL,
    error    TEXT NOT NULL
);

CREATE INDEX steps_item ON steps (item);
