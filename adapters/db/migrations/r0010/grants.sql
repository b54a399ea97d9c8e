-- Who may do what. Worker and gateway read and write the tables of the shop, now and later; the task history has policies.

GRANT USAGE ON SCHEMA {schema} TO darkroom_worker, darkroom_gateway, darkroom_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO darkroom_worker, darkroom_gateway;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO darkroom_worker, darkroom_gateway;
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema}
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO darkroom_worker, darkroom_gateway;
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO darkroom_worker, darkroom_gateway;
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM darkroom_worker, darkroom_gateway;

-- The gateway itself sees nothing of users: it must be the user of a request (SET LOCAL ROLE) or say whom it grants credits.
REVOKE ALL ON user_task_history, user_task_statistics, credit_ledger FROM darkroom_worker, darkroom_gateway;
GRANT INSERT ON credit_ledger TO darkroom_gateway;
GRANT SELECT, INSERT, UPDATE, DELETE ON user_task_history, credit_ledger TO darkroom_worker;
GRANT SELECT ON user_task_statistics TO darkroom_worker;
GRANT SELECT ON user_task_history, user_task_statistics, credit_ledger TO darkroom_user;
GRANT INSERT (id, user_id, task_type, prompt, aspect_ratio, model_version, credits_deducted) ON user_task_history
    TO darkroom_user;
GRANT UPDATE (
    original_image_url, generated_image_url, aws_original_key, aws_generated_key, tokens_used, status, error_message,
    generation_time_ms, completed_at, favourite, rating, rating_comment, storage_bytes, deleted_at
) ON user_task_history TO darkroom_user;
GRANT DELETE ON user_task_history TO darkroom_user;
GRANT USAGE ON SEQUENCE task_history_revision TO darkroom_user;

REVOKE EXECUTE ON FUNCTION
    count_tasks(counted_task[]), keep_task_history(), true_task_statistics(uuid), mend_task_statistics(uuid),
    recount_task_statistics()
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mend_task_statistics(uuid) TO darkroom_worker;

-- The claims are read in a sub-select, which Postgres evaluates once a query instead of once a row. CURRENT_USER is the
-- owner of the tables, whom FORCE binds too: as the owner the triggers count, charge and refund, and do nothing else.
ALTER TABLE user_task_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_task_history FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON user_task_history TO darkroom_user
    USING (user_id = (SELECT claimed_user())) WITH CHECK (user_id = (SELECT claimed_user()));
CREATE POLICY worker ON user_task_history TO darkroom_worker USING (true) WITH CHECK (true);
CREATE POLICY counting ON user_task_history FOR SELECT TO CURRENT_USER USING (true);

ALTER TABLE user_task_statistics ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_task_statistics FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON user_task_statistics FOR SELECT TO darkroom_user USING (user_id = (SELECT claimed_user()));
CREATE POLICY worker ON user_task_statistics FOR SELECT TO darkroom_worker USING (true);
CREATE POLICY counting ON user_task_statistics TO CURRENT_USER USING (true) WITH CHECK (true);

ALTER TABLE credit_ledger ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_ledger FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON credit_ledger FOR SELECT TO darkroom_user USING (user_id = (SELECT claimed_user()));
CREATE POLICY granting ON credit_ledger FOR INSERT TO darkroom_gateway
    WITH CHECK (user_id = (SELECT claimed_user()) AND amount > 0 AND task IS NULL);
CREATE POLICY worker ON credit_ledger TO darkroom_worker USING (true) WITH CHECK (true);
CREATE POLICY charging ON credit_ledger FOR INSERT TO CURRENT_USER WITH CHECK (true);
CREATE POLICY refunding ON credit_ledger FOR SELECT TO CURRENT_USER USING (true);
