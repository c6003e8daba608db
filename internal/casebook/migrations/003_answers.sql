-- +goose Up
-- What services said about indicators, so that nobody is asked twice.
CREATE TABLE answers (
    service TEXT NOT NULL,
    kind    TEXT NOT NULL,
    value   TEXT NOT NULL,
    at      BIGINT NOT NULL,
    answer  BYTEA NOT NULL,
    PRIMARY KEY (service, kind, value)
);
