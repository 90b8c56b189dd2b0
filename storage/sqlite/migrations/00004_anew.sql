-- +goose NO TRANSACTION
-- +goose Up
VACUUM; -- 3 has sealed all texts, but old text stays behind in the gaps of pages

-- +goose Down
SELECT 1;
