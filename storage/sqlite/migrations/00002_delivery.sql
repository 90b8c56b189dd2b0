-- +goose Up
ALTER TABLE letter ADD COLUMN copies INTEGER NOT NULL DEFAULT 0; -- that may have arrived, counted before each is sent

ALTER TABLE state ADD COLUMN open INTEGER NOT NULL DEFAULT 0;    -- 1 = it is told when the house was away
CREATE INDEX state_open ON state (couple, flow) WHERE open <> 0;

CREATE TABLE seen (                         -- events that were taken in
    network TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    at      INTEGER NOT NULL,               -- Unix seconds
    PRIMARY KEY (network, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE outage (
    since INTEGER PRIMARY KEY,              -- Unix seconds of the last beat before it
    until INTEGER NOT NULL                  -- and of the first one after it
) STRICT;

INSERT INTO meta (name, value) VALUES ('beat', 0);

-- +goose Down
DELETE FROM meta WHERE name = 'beat';
DROP TABLE outage;
DROP TABLE seen;
DROP INDEX state_open;
ALTER TABLE state DROP COLUMN open;
ALTER TABLE letter DROP COLUMN copies;
