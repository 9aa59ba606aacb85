-- Version 1 of a job's journal. One file is one job.

CREATE TABLE job (
    one             INTEGER PRIMARY KEY CHECK (one = 1),
    id              TEXT NOT NULL,
    input_path      TEXT NOT NULL,
    input_sha256    TEXT NOT NULL,
    pm_url          TEXT NOT NULL,
    user            TEXT NOT NULL,
    pm_version      TEXT NOT NULL,
    pm_build        TEXT NOT NULL,
    options         TEXT NOT NULL,
    created_at      TEXT NOT NULL,
    pmbulk_version  TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('running', 'stopped', 'finished')),
    finished_at     TEXT,
    results_path    TEXT NOT NULL
) STRICT;

CREATE TABLE sheets (
    position        INTEGER PRIMARY KEY,
    name            TEXT NOT NULL,
    entity          TEXT NOT NULL,
    headers         TEXT NOT NULL
) STRICT;

CREATE TABLE rows (
    ordinal         INTEGER PRIMARY KEY,
    sheet           INTEGER NOT NULL REFERENCES sheets,
    number          INTEGER NOT NULL,
    label           TEXT NOT NULL,
    fingerprint     BLOB NOT NULL,
    cells           TEXT NOT NULL,
    findings        TEXT NOT NULL,
    attempts_before INTEGER NOT NULL CHECK (attempts_before >= 0)
) STRICT;

-- Written before the request leaves.
CREATE TABLE attempts (
    ordinal         INTEGER NOT NULL REFERENCES rows,
    step            TEXT NOT NULL,
    attempt         INTEGER NOT NULL CHECK (attempt >= 1),
    sent_at         TEXT NOT NULL,
    turn            INTEGER PRIMARY KEY,
    UNIQUE (ordinal, step, attempt)
) STRICT;

-- Its key is what keeps a row from being settled twice.
CREATE TABLE settlements (
    ordinal         INTEGER PRIMARY KEY REFERENCES rows,
    outcome         TEXT NOT NULL CHECK (outcome IN ('succeeded', 'failed', 'invalid', 'blocked', 'unknown', 'skipped')),
    finished_at     TEXT NOT NULL,
    message         TEXT NOT NULL,
    code            TEXT NOT NULL,
    http            INTEGER,
    attempts        INTEGER NOT NULL CHECK (attempts >= 0),
    seconds         REAL NOT NULL CHECK (seconds >= 0),
    object_id       TEXT NOT NULL,
    findings        TEXT NOT NULL,
    job             TEXT NOT NULL
) STRICT;

CREATE TRIGGER nothing_is_sent_for_a_settled_row BEFORE INSERT ON attempts
WHEN EXISTS (SELECT 1 FROM settlements WHERE ordinal = NEW.ordinal)
BEGIN
    SELECT RAISE(ABORT, 'the row is already settled');
END;

CREATE TRIGGER a_settlement_stays BEFORE UPDATE ON settlements
BEGIN
    SELECT RAISE(ABORT, 'the row is already settled');
END;

CREATE TRIGGER a_settlement_is_kept BEFORE DELETE ON settlements
BEGIN
    SELECT RAISE(ABORT, 'the row is already settled');
END;

-- PM tells the id of what it makes only when it is asked (QUIRKS 16), which is done once at the end.
CREATE TABLE ids (
    ordinal         INTEGER PRIMARY KEY REFERENCES rows,
    object_id       TEXT NOT NULL
) STRICT;
