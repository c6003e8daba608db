-- Plans, who agreed to them, and how far each of their actions has come. Times are nanoseconds since 1970 in UTC. SQLite and Postgres
-- both read this.

-- +goose Up
CREATE TABLE plans (
    digest   TEXT PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    case_id  TEXT NOT NULL,
    author   TEXT NOT NULL,
    created  BIGINT NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX plans_case ON plans (case_id);

CREATE TABLE approvals (
    plan     TEXT NOT NULL,
    who      TEXT NOT NULL,
    at       BIGINT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (plan, who)
);

-- One row is one action that was begun. The key is the same for the same plan, action and target.
CREATE TABLE steps (
    seq     BIGINT PRIMARY KEY, -- the journal's record of its beginning
    key     TEXT NOT NULL UNIQUE,
    plan    TEXT NOT NULL,
    item    TEXT NOT NULL,
    stage   TEXT NOT NULL,
    outcome TEXT NOT NULL,
    action  TEXT NOT NULL, -- the plan's item as JSON: what has to be taken back, even when its plan no longer reads
    image   TEXT NOT NULL, -- the target's state before: the way back
    started BIGINT NOT NULL,
    ended   BIGINT,
    until   BIGINT,
    detail  TEXT NOT NULL
);
CREATE INDEX steps_plan ON steps (plan);
CREATE INDEX steps_stage ON steps (stage);
CREATE INDEX steps_started ON steps (started);

-- Who is there to take back what is over: one row, renewed by soc respond watch.
CREATE TABLE watches (
    name TEXT PRIMARY KEY,
    at   BIGINT NOT NULL
);
