-- name: add_job
INSERT INTO job (one, id, input_path, input_sha256, pm_url, user, pm_version, pm_build, options, created_at, pmbulk_version, state, results_path)
VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', '');

-- name: add_sheet
INSERT INTO sheets (position, name, entity, headers) VALUES (?, ?, ?, ?);

-- name: add_row
INSERT INTO rows (ordinal, sheet, number, label, fingerprint, cells, findings, attempts_before) VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: add_attempt
INSERT INTO attempts (ordinal, step, attempt, sent_at) VALUES (?, ?, ?, ?);

-- name: keep
INSERT INTO kept (ordinal, text) VALUES (?, ?) ON CONFLICT (ordinal) DO UPDATE SET text = excluded.text;

-- name: kept
SELECT text FROM kept WHERE ordinal = ?;

-- name: settle
INSERT INTO settlements (ordinal, outcome, finished_at, message, code, http, attempts, seconds, object_id, findings, job)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: finish
UPDATE job SET state = ?, finished_at = ?, results_path = ?;

-- name: take_up
UPDATE job SET state = 'running', finished_at = NULL;

-- name: facts
SELECT id, input_path, input_sha256, pm_url, user, pm_version, pm_build, options, created_at, pmbulk_version, state, finished_at, results_path
FROM job;

-- name: sheets
SELECT position, name, entity, headers FROM sheets ORDER BY position;

-- name: rows
SELECT r.ordinal, r.sheet, r.number, r.fingerprint, r.cells, r.findings, r.label, r.attempts_before,
       (SELECT count(*) FROM attempts AS a WHERE a.ordinal = r.ordinal),
       s.outcome, s.finished_at, s.message, s.code, s.http, s.attempts, s.seconds,
       coalesce(nullif(s.object_id, ''), i.object_id, ''), s.findings, s.job
FROM rows AS r LEFT JOIN settlements AS s ON s.ordinal = r.ordinal LEFT JOIN ids AS i ON i.ordinal = r.ordinal
WHERE (?1 IS NULL OR r.sheet = ?1) AND (?2 OR s.outcome IS NULL OR s.outcome NOT IN ('succeeded', 'skipped'))
ORDER BY r.ordinal;

-- name: settled
SELECT ordinal, outcome FROM settlements;

-- name: identified
SELECT ordinal FROM settlements WHERE object_id <> '' UNION SELECT ordinal FROM ids;

-- name: identify
INSERT OR REPLACE INTO ids (ordinal, object_id) VALUES (?, ?);

-- name: open_attempts
SELECT a.ordinal, a.step, max(a.attempt)
FROM attempts AS a
WHERE NOT EXISTS (SELECT 1 FROM settlements AS s WHERE s.ordinal = a.ordinal)
GROUP BY a.ordinal, a.step
ORDER BY a.ordinal, min(a.turn);

-- name: counts
SELECT r.sheet,
       coalesce(s.outcome, CASE WHEN EXISTS (SELECT 1 FROM attempts AS a WHERE a.ordinal = r.ordinal) THEN 'unknown' ELSE 'not_run' END) AS outcome,
       count(*)
FROM rows AS r LEFT JOIN settlements AS s ON s.ordinal = r.ordinal
GROUP BY 1, 2;
