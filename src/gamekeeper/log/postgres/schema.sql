CREATE SCHEMA gamekeeper_log;

CREATE TABLE gamekeeper_log.meta (name text PRIMARY KEY, value bigint NOT NULL);
INSERT INTO gamekeeper_log.meta VALUES ('schema', 1), ('epoch', 1), ('transactions', 0);

CREATE TABLE gamekeeper_log.pings (number bigint NOT NULL) WITH (fillfactor = 10);
INSERT INTO gamekeeper_log.pings VALUES (0);

CREATE TABLE gamekeeper_log.nodes (
    node text PRIMARY KEY,
    address text NOT NULL,
    incarnation uuid NOT NULL,
    started_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    owns text[]
) WITH (fillfactor = 50);

CREATE TABLE gamekeeper_log.rooms (
    room text COLLATE "C" PRIMARY KEY,
    node text,
    epoch bigint NOT NULL,
    head bigint NOT NULL DEFAULT 0,
    position bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
CREATE INDEX rooms_by_node ON gamekeeper_log.rooms (node) WHERE node IS NOT NULL;

CREATE TABLE gamekeeper_log.batches (
    position bigint PRIMARY KEY,
    room text COLLATE "C" NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL CHECK (last >= first),
    body bytea NOT NULL,
    UNIQUE (room, first)
);

CREATE TABLE gamekeeper_log.snapshots (
    room text COLLATE "C" PRIMARY KEY,
    seq bigint NOT NULL,
    version integer NOT NULL,
    body bytea NOT NULL
);

CREATE FUNCTION gamekeeper_log.refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$;
CREATE TRIGGER batches_are_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON gamekeeper_log.batches
EXECUTE FUNCTION gamekeeper_log.refuse();
