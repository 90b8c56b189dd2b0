-- +goose Up
INSERT INTO meta (name, value) VALUES ('house', random()), ('generation', 0); -- see House

-- +goose Down
DELETE FROM meta WHERE name IN ('house', 'generation');
