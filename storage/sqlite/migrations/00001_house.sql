-- +goose Up
CREATE TABLE couple (
    id   INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
    body BLOB NOT NULL                      -- bot.Couple as JSON
) STRICT;

CREATE TABLE member (
    network TEXT    NOT NULL,
    user    TEXT    NOT NULL,
    couple  INTEGER NOT NULL REFERENCES couple (id) ON DELETE CASCADE,
    PRIMARY KEY (network, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_couple ON member (couple);

CREATE TABLE room (
    network TEXT    NOT NULL,
    chat    TEXT    NOT NULL,
    couple  INTEGER NOT NULL UNIQUE REFERENCES couple (id) ON DELETE CASCADE,
    PRIMARY KEY (network, chat)
) STRICT, WITHOUT ROWID;

CREATE TABLE state (
    couple INTEGER NOT NULL REFERENCES couple (id) ON DELETE CASCADE,
    flow   TEXT    NOT NULL,
    wake   INTEGER,                         -- Unix seconds; NULL = no alarm
    body   BLOB    NOT NULL,                -- the flow's own JSON
    PRIMARY KEY (couple, flow)
) STRICT, WITHOUT ROWID;
CREATE INDEX state_wake ON state (wake, couple, flow) WHERE wake IS NOT NULL;

CREATE TABLE day (
    couple INTEGER NOT NULL REFERENCES couple (id) ON DELETE CASCADE,
    date   INTEGER NOT NULL,                -- days since 1970-01-01
    mark   INTEGER NOT NULL,
    PRIMARY KEY (couple, date)
) STRICT, WITHOUT ROWID;

CREATE TABLE entry (
    couple INTEGER NOT NULL REFERENCES couple (id) ON DELETE CASCADE,
    kind   TEXT    NOT NULL,
    date   INTEGER NOT NULL,
    who    INTEGER NOT NULL,
    shared INTEGER NOT NULL,
    value  TEXT    NOT NULL,
    PRIMARY KEY (couple, kind, date, who)
) STRICT, WITHOUT ROWID;

CREATE TABLE letter (
    id       INTEGER PRIMARY KEY,           -- from meta.letter, never given twice
    couple   INTEGER NOT NULL REFERENCES couple (id) ON DELETE CASCADE,
    network  TEXT    NOT NULL,
    chat     TEXT    NOT NULL,
    attempts INTEGER NOT NULL,
    body     BLOB    NOT NULL               -- the rest of bot.Letter as JSON
) STRICT;

CREATE TABLE posted (
    couple  INTEGER NOT NULL REFERENCES couple (id) ON DELETE CASCADE,
    flow    TEXT    NOT NULL,
    slot    TEXT    NOT NULL,
    network TEXT    NOT NULL,
    chat    TEXT    NOT NULL,
    round   INTEGER NOT NULL,               -- the newest: an older round's message is forgotten
    message TEXT    NOT NULL,
    PRIMARY KEY (couple, flow, slot, network, chat)
) STRICT, WITHOUT ROWID;
CREATE INDEX posted_chat ON posted (network, chat);

CREATE TABLE invite (
    couple  INTEGER PRIMARY KEY REFERENCES couple (id) ON DELETE CASCADE,
    hash    BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32), -- SHA-256 of the token
    expires INTEGER NOT NULL                -- Unix seconds
) STRICT;

CREATE TABLE meta (
    name  TEXT    PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta (name, value) VALUES ('letter', 0);

-- +goose Down
DROP TABLE meta;
DROP TABLE invite;
DROP TABLE posted;
DROP TABLE letter;
DROP TABLE entry;
DROP TABLE day;
DROP TABLE state;
DROP TABLE room;
DROP TABLE member;
DROP TABLE couple;
