-- The record. One text for SQLite and PostgreSQL, so only TEXT, BIGINT, BYTEA.

-- Exactly one row. Every write locks it first; `peaks` is the tree's right edge,
-- 32 bytes for each bit of `size`, the largest subtree first; missing while it is 0.
CREATE TABLE log_head (
    id BIGINT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    peaks BYTEA
);

-- `salt` and `body` are missing once an event was erased; nothing else ever changes.
CREATE TABLE event (
    position BIGINT NOT NULL PRIMARY KEY,
    stream TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    command TEXT NOT NULL,
    kind TEXT NOT NULL,
    version BIGINT NOT NULL,
    actor TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    commitment BYTEA NOT NULL,
    leaf BYTEA NOT NULL,
    salt BYTEA,
    body BYTEA,
    UNIQUE (stream, sequence)
);

-- Commands that were written: `events` events from position `first` on.
CREATE TABLE command (
    id TEXT NOT NULL PRIMARY KEY,
    first BIGINT NOT NULL,
    events BIGINT NOT NULL
);

-- Inner nodes of the tree from 64 leaves upwards, by the number of leaves at which they end.
CREATE TABLE tree_node (
    ends BIGINT NOT NULL,
    level BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (ends, level)
);

CREATE TABLE signed_head (
    size BIGINT NOT NULL PRIMARY KEY,
    root BYTEA NOT NULL,
    signed_at BIGINT NOT NULL,
    public_key BYTEA NOT NULL,
    signature BYTEA NOT NULL
);

INSERT INTO log_head (id, size) VALUES (1, 0);
