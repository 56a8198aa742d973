CREATE TABLE IF NOT EXISTS gamekeeper_log.personal (
    room text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    seat bigint NOT NULL,
    at bigint NOT NULL,
    fields json NOT NULL,
    PRIMARY KEY (room, seq)
);
UPDATE gamekeeper_log.meta SET value = 2 WHERE name = 'schema';
