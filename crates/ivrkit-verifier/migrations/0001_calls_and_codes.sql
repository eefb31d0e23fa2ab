-- Calls, their history, the codes of callees, and what keeps a repeated request from doing it twice.
-- Times are milliseconds since the Unix epoch. Tags are HMAC-SHA-256 under the operator's key;
-- sealed values are XChaCha20-Poly1305 under it.

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE call (
    id            TEXT PRIMARY KEY,
    direction     TEXT    NOT NULL CHECK (direction IN ('outbound', 'inbound')),
    phase         TEXT    NOT NULL CHECK (phase IN ('queued', 'live', 'over')),
    created_ms    INTEGER NOT NULL,
    ended_ms      INTEGER,
    pbx_id        TEXT,
    callee_tag    BLOB    NOT NULL,
    -- The number.
    callee        BLOB    NOT NULL,
    -- The state of the verification machine; NULL before the call is dialled and after its end.
    machine       BLOB,
    steps         INTEGER NOT NULL DEFAULT 0,
    outcome       TEXT
) STRICT;

-- Never two calls to one person at once.
CREATE UNIQUE INDEX call_callee ON call (callee_tag)
    WHERE phase <> 'over' AND direction = 'outbound';
CREATE INDEX call_unfinished ON call (created_ms) WHERE phase <> 'over';
CREATE INDEX call_pbx_id ON call (pbx_id) WHERE pbx_id IS NOT NULL;
CREATE INDEX call_ended ON call (ended_ms) WHERE ended_ms IS NOT NULL;

CREATE TABLE step (
    call   TEXT    NOT NULL REFERENCES call (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL,
    step   TEXT    NOT NULL,
    PRIMARY KEY (call, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE code (
    id            INTEGER PRIMARY KEY,
    scenario      TEXT    NOT NULL,
    verification  TEXT    NOT NULL,
    callee_tag    BLOB    NOT NULL,
    callee_masked TEXT    NOT NULL,
    code_tag      BLOB    NOT NULL,
    added_ms      INTEGER NOT NULL,
    expires_ms    INTEGER NOT NULL,
    used_ms       INTEGER,
    -- The call that used it: the same call may look it up again after a crash.
    used_by       TEXT
) STRICT;

CREATE INDEX code_callee ON code (callee_tag);
CREATE INDEX code_expires ON code (expires_ms);

CREATE TABLE request (
    key_tag  BLOB    PRIMARY KEY,
    body_tag BLOB    NOT NULL,
    call     TEXT    NOT NULL,
    at_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX request_at ON request (at_ms);
