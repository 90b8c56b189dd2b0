-- +goose Up
CREATE TABLE ring (
    couple INTEGER NOT NULL,
    id     INTEGER NOT NULL,                              -- of the key, from meta.key, never given twice
    owner  INTEGER NOT NULL CHECK (owner BETWEEN 1 AND 3), -- bot.Who: One, Two, Both = the shared one
    PRIMARY KEY (couple, id)
) STRICT, WITHOUT ROWID;

-- Rows are added at the end and overwritten in place, never deleted: see doc.go.
CREATE TABLE key (
    id      INTEGER PRIMARY KEY,
    wrapped BLOB NOT NULL CHECK (length(wrapped) = 60)    -- nonce, the data key under the master key, tag; zeros when it is shredded
) STRICT;

CREATE TABLE unfinished (
    couple INTEGER PRIMARY KEY                            -- its keys have changed, its rows perhaps not yet
) STRICT;

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value ANY  NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta (name, value) VALUES ('key', 0), ('couple', 0); -- the highest number given

-- +goose Down
DROP TABLE meta;
DROP TABLE unfinished;
DROP TABLE key;
DROP TABLE ring;
