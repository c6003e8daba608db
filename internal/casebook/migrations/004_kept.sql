-- What the journal's records promise of the rows that a run wrote. SQLite and Postgres both read this.

-- +goose Up
CREATE TABLE kept (
    seq       BIGINT NOT NULL, -- the journal record, whose digest is over its rows here
    verdict   TEXT NOT NULL,
    precedent TEXT NOT NULL, -- of a closing; empty: the row is the verdict's own
    digest    BYTEA NOT NULL,
    PRIMARY KEY (seq, verdict, precedent)
);

ALTER TABLE closings ADD COLUMN seq BIGINT NOT NULL DEFAULT 0; -- the journal record under which the row was written
