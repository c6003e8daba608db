-- The journal tells all that the book says. SQLite and Postgres both read this.

-- +goose Up
ALTER TABLE alerts ADD COLUMN seq BIGINT NOT NULL DEFAULT 0; -- the journal record under which the row was written; 0: an earlier version wrote it

-- How far a source was read when the journal last told of it; NULL: nobody read it yet, or an earlier version did.
ALTER TABLE marks ADD COLUMN told BIGINT;

-- A case stands as its strongest verdict does.
UPDATE cases SET title = v.title, severity = v.severity, route = v.route, probability = v.probability,
    disposition = CASE WHEN cases.status = 'closed' THEN cases.disposition ELSE v.disposition END
    FROM verdicts v WHERE v.id = (SELECT w.id FROM verdicts w WHERE w.case_id = cases.id ORDER BY w.route DESC, w.score DESC, w.id LIMIT 1);

-- The rows of earlier versions, of which no record tells, until whoever writes next enters them into the journal.
CREATE TABLE earlier (
    name TEXT PRIMARY KEY, -- of a table
    n    BIGINT NOT NULL
);
INSERT INTO earlier (name, n) SELECT 'waiting', COUNT(*) FROM waiting HAVING COUNT(*) > 0;
INSERT INTO earlier (name, n) SELECT 'arrivals', COUNT(*) FROM arrivals HAVING COUNT(*) > 0;
INSERT INTO earlier (name, n) SELECT 'marks', COUNT(*) FROM marks HAVING COUNT(*) > 0;
INSERT INTO earlier (name, n) SELECT 'aliases', COUNT(*) FROM aliases HAVING COUNT(*) > 0;
