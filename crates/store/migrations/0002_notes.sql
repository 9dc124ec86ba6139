-- What callers want to find without reading the log: which visits are open, which patient has
-- a number. Derived from events and written in their transaction; not part of the tree, not
-- exported, and written anew from the log where they are missing. `stream` is what they tell of,
-- so that they go when it is erased.
CREATE TABLE note (
    list TEXT NOT NULL,
    key TEXT NOT NULL,
    stream TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (list, key)
);
CREATE INDEX note_stream ON note (stream);
