-- Times are nanoseconds since 1970 in UTC, NULL when unknown. Bodies and documents are zstd. SQLite and Postgres both read this.

-- +goose Up
CREATE TABLE alerts (
    digest   BYTEA NOT NULL,
    id       TEXT NOT NULL,
    verdict  TEXT NOT NULL,
    input    TEXT NOT NULL,
    received BIGINT NOT NULL,
    copies   BIGINT NOT NULL,
    body     BYTEA,
    PRIMARY KEY (digest, id)
);
CREATE INDEX alerts_verdict ON alerts (verdict);

CREATE TABLE verdicts (
    id          TEXT PRIMARY KEY,
    case_id     TEXT,
    fingerprint TEXT NOT NULL,
    format      TEXT NOT NULL,
    rule        TEXT NOT NULL,
    host        TEXT NOT NULL,
    title       TEXT NOT NULL,
    first_time  BIGINT,
    last_time   BIGINT,
    count       BIGINT NOT NULL,
    route       BIGINT NOT NULL, -- 0 close, 1 review, 2 escalate
    would_close BIGINT NOT NULL,
    disposition TEXT NOT NULL,
    probability DOUBLE PRECISION NOT NULL,
    severity    TEXT NOT NULL,
    score       BIGINT NOT NULL,
    document    BYTEA NOT NULL,
    run         BIGINT NOT NULL -- the journal record under which the document was written
);
CREATE INDEX verdicts_case ON verdicts (case_id);

-- Names under which a verdict was printed by a process that did not yet know that another one had stored it.
CREATE TABLE aliases (
    id      TEXT PRIMARY KEY,
    verdict TEXT NOT NULL
);

CREATE TABLE cases (
    id          TEXT PRIMARY KEY,
    status      TEXT NOT NULL,
    opened      BIGINT NOT NULL,
    closed      BIGINT,
    title       TEXT NOT NULL,
    severity    TEXT NOT NULL,
    route       BIGINT NOT NULL,
    probability DOUBLE PRECISION NOT NULL,
    disposition TEXT NOT NULL
);
CREATE INDEX cases_queue ON cases (status, route DESC, probability DESC, id);

CREATE TABLE decisions (
    seq         BIGINT NOT NULL,
    verdict     TEXT NOT NULL,
    case_id     TEXT NOT NULL,
    disposition TEXT NOT NULL,
    reason      TEXT NOT NULL,
    certainty   TEXT NOT NULL,
    who         TEXT NOT NULL,
    at          BIGINT NOT NULL,
    undone      BIGINT, -- the journal record that took it back
    PRIMARY KEY (seq, verdict)
);
CREATE INDEX decisions_case ON decisions (case_id);

CREATE TABLE notes (
    seq     BIGINT PRIMARY KEY,
    case_id TEXT NOT NULL,
    who     TEXT NOT NULL,
    at      BIGINT NOT NULL,
    text    TEXT NOT NULL
);
CREATE INDEX notes_case ON notes (case_id);

CREATE TABLE sightings (
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL,
    value   TEXT NOT NULL,
    day     BIGINT NOT NULL, -- days since 1970
    count   BIGINT NOT NULL,
    PRIMARY KEY (kind, subject, value, day)
);

CREATE TABLE journal (
    seq      BIGINT PRIMARY KEY,
    previous TEXT NOT NULL,
    hash     TEXT NOT NULL,
    at       BIGINT NOT NULL,
    who      TEXT NOT NULL,
    what     TEXT NOT NULL
);

-- The last journal record, in one row: what every writer takes first.
CREATE TABLE head (
    one  BIGINT PRIMARY KEY,
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO head (one, seq, hash) VALUES (1, 0, '');
