-- Who looks after a case, and until when it is put aside, each with the journal record that says so. Times are nanoseconds since 1970 in
-- UTC. SQLite and Postgres both read this.

-- +goose Up
ALTER TABLE cases ADD COLUMN owner TEXT NOT NULL DEFAULT ''; -- empty: nobody
ALTER TABLE cases ADD COLUMN owner_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN snoozed BIGINT; -- until; NULL: it is not
ALTER TABLE cases ADD COLUMN snoozed_seq BIGINT NOT NULL DEFAULT 0;
CREATE INDEX cases_snoozed ON cases (snoozed) WHERE snoozed IS NOT NULL;

-- The verdicts of a case, the strongest first.
CREATE INDEX verdicts_standing ON verdicts (case_id, route DESC, score DESC, id);
DROP INDEX verdicts_case;

-- The cases with a host or user.
CREATE INDEX parties_value ON parties (kind, value);
