DO $$
DECLARE
    role text := current_setting('gamekeeper.role');
    name text;
BEGIN
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA gamekeeper_log FROM %I', role);
    EXECUTE format('GRANT USAGE ON SCHEMA gamekeeper_log TO %I', role);
    EXECUTE format('GRANT SELECT ON gamekeeper_log.meta TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT ON gamekeeper_log.batches TO %I', role);
    EXECUTE format('GRANT SELECT, UPDATE ON gamekeeper_log.pings TO %I', role);
    FOREACH name IN ARRAY ARRAY['rooms', 'nodes', 'snapshots', 'personal'] LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON gamekeeper_log.%I TO %I', name, role);
    END LOOP;
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO %I', current_schema(), role);  -- read models make their tables
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tableowner = current_user LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I.%I TO %I', current_schema(), name, role);
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences
        WHERE schemaname = current_schema() AND sequenceowner = current_user LOOP
        EXECUTE format('GRANT USAGE ON SEQUENCE %I.%I TO %I', current_schema(), name, role);
    END LOOP;
END $$;
