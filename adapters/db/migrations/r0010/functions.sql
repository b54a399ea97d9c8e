-- What keeps the task history: who is asking, the statistics, the ledger of credits, and news for open pages.

-- The shop's time zone. A function, because `darkroom db upgrade` replaces it by SHOP_TIMEZONE, and queries see a constant.
CREATE FUNCTION shop_timezone() RETURNS text LANGUAGE sql STABLE
RETURN 'Asia/Shanghai'::text;

-- The user of this transaction's claims; null without claims, or with claims that make no sense.
CREATE FUNCTION claimed_user() RETURNS uuid LANGUAGE sql STABLE
RETURN CASE
    WHEN pg_input_is_valid(current_setting('request.jwt.claims', true), 'jsonb') THEN
        CASE
            WHEN pg_input_is_valid(current_setting('request.jwt.claims', true)::jsonb ->> 'sub', 'uuid')
                THEN (current_setting('request.jwt.claims', true)::jsonb ->> 'sub')::uuid
        END
END;

-- The four periods that a record counts in.
CREATE FUNCTION task_periods(at timestamptz, OUT period_type text, OUT period_date date)
RETURNS SETOF record LANGUAGE sql STABLE ROWS 4
BEGIN ATOMIC
    SELECT period, CASE period
        WHEN 'all' THEN '1970-01-01'::date
        ELSE date_trunc(period, at AT TIME ZONE shop_timezone())::date
    END
    FROM unnest(ARRAY['all', 'day', 'month', 'week']) AS period;
END;

-- One writer of a user's records at a time, so that quotas hold, revisions rise in the order of commits, and nobody waits
-- for each other. Held until the transaction ends.
CREATE FUNCTION hold_task_history(who uuid) RETURNS void LANGUAGE sql VOLATILE
RETURN pg_advisory_xact_lock(hashtextextended('task history ' || who, 0));

-- Before a record is written: its revision rises, and what identifies it stays. A failed one costs nothing.
CREATE FUNCTION revise_task() RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.user_id, NEW.created_at) IS DISTINCT FROM (OLD.id, OLD.user_id, OLD.created_at) THEN
            RAISE integrity_constraint_violation USING MESSAGE = 'id, user_id and created_at of a record never change';
        END IF;
        NEW.updated_at := now();
    END IF;
    IF NEW.status = 'failed' THEN
        NEW.credits_deducted := 0;
    END IF;
    NEW.revision := nextval('task_history_revision');
    RETURN NEW;
END
$$;

-- What a record adds to the sums of its periods (sign 1), or takes from them (-1).
CREATE TYPE counted_task AS (
    sign integer, user_id uuid, created_at timestamptz, status text, tokens bigint, credits bigint, time_ms bigint,
    bytes bigint
);

-- Add to the sums, always in the same order, so that writers of several users never wait for each other.
CREATE FUNCTION count_tasks(counted counted_task[]) RETURNS void LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp
BEGIN ATOMIC
    WITH difference AS (
        SELECT user_id, period_type, period_date,
               sum(sign) AS tasks,
               sum(sign) FILTER (WHERE status = 'completed') AS successful,
               sum(sign) FILTER (WHERE status = 'failed') AS failed,
               sum(sign * tokens) AS tokens,
               sum(sign * credits) AS credits,
               sum(sign * time_ms) FILTER (WHERE status = 'completed') AS time_ms,
               sum(sign * bytes) AS bytes
          FROM unnest(counted) CROSS JOIN LATERAL task_periods(created_at)
         GROUP BY user_id, period_type, period_date
    )
    INSERT INTO user_task_statistics AS s (
        user_id, period_type, period_date, total_tasks, successful_tasks, failed_tasks, total_tokens_used,
        total_credits_deducted, total_generation_time_ms, total_storage_bytes
    )
    SELECT user_id, period_type, period_date, tasks, coalesce(successful, 0), coalesce(failed, 0), coalesce(tokens, 0),
           credits, coalesce(time_ms, 0), bytes
      FROM difference
     WHERE tasks <> 0 OR successful <> 0 OR failed <> 0 OR tokens <> 0 OR credits <> 0 OR time_ms <> 0 OR bytes <> 0
     ORDER BY user_id, period_type, period_date
    ON CONFLICT (user_id, period_type, period_date) DO UPDATE SET
        total_tasks = s.total_tasks + excluded.total_tasks,
        successful_tasks = s.successful_tasks + excluded.successful_tasks,
        failed_tasks = s.failed_tasks + excluded.failed_tasks,
        total_tokens_used = s.total_tokens_used + excluded.total_tokens_used,
        total_credits_deducted = s.total_credits_deducted + excluded.total_credits_deducted,
        total_generation_time_ms = s.total_generation_time_ms + excluded.total_generation_time_ms,
        total_storage_bytes = s.total_storage_bytes + excluded.total_storage_bytes,
        updated_at = now();
END;

-- After records are written: charge new ones, refund those that failed, count all, and tell open pages. With the rights of
-- the tables' owner, because nobody else may write statistics, and users write no credits.
CREATE FUNCTION keep_task_history() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = {schema}, pg_temp AS $$
DECLARE
    counted counted_task[] := '{}';
    users uuid[];
BEGIN
    IF TG_OP <> 'INSERT' THEN
        users := ARRAY(SELECT DISTINCT user_id FROM gone);
        counted := ARRAY(
            SELECT (-1, user_id, created_at, status, tokens_used, credits_deducted, generation_time_ms, storage_bytes)::counted_task
              FROM gone WHERE deleted_at IS NULL
        );
    END IF;
    IF TG_OP <> 'DELETE' THEN
        users := ARRAY(SELECT DISTINCT user_id FROM come);
        counted := counted || ARRAY(
            SELECT (1, user_id, created_at, status, tokens_used, credits_deducted, generation_time_ms, storage_bytes)::counted_task
              FROM come WHERE deleted_at IS NULL
        );
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO credit_ledger (user_id, what, amount, task, at)
        SELECT user_id, CASE WHEN order_id IS NULL THEN task_type ELSE 'order' END, -credits_deducted, id, created_at
          FROM come
            ON CONFLICT DO NOTHING;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO credit_ledger (user_id, what, amount, task)
        SELECT charge.user_id, 'refund', -charge.amount, charge.task
          FROM come JOIN gone USING (id) JOIN credit_ledger AS charge ON charge.task = come.id
         WHERE come.status = 'failed' AND gone.status <> 'failed' AND charge.amount < 0
            ON CONFLICT DO NOTHING;
    END IF;
    PERFORM count_tasks(counted);
    PERFORM pg_notify('task_history', who::text) FROM unnest(users) AS who;
    RETURN NULL;
END
$$;

-- The sums of a user's records, counted anew.
CREATE FUNCTION true_task_statistics(who uuid) RETURNS SETOF user_task_statistics LANGUAGE sql STABLE
SET search_path = {schema}, pg_temp
BEGIN ATOMIC
    SELECT gen_random_uuid(), h.user_id, p.period_type, p.period_date, count(*)::integer,
           (count(*) FILTER (WHERE h.status = 'completed'))::integer,
           (count(*) FILTER (WHERE h.status = 'failed'))::integer,
           coalesce(sum(h.tokens_used), 0)::bigint,
           coalesce(sum(h.credits_deducted), 0)::bigint,
           coalesce(sum(h.generation_time_ms) FILTER (WHERE h.status = 'completed'), 0)::bigint,
           0::bigint,
           coalesce(sum(h.storage_bytes), 0)::bigint, now(), now()
      FROM user_task_history AS h CROSS JOIN LATERAL task_periods(h.created_at) AS p
     WHERE h.user_id = who AND h.deleted_at IS NULL
     GROUP BY h.user_id, p.period_type, p.period_date;
END;

-- Correct a user's statistics where they differ from the records, and return the periods that did. While it counts, its
-- locks hold off whoever counts the same user: a record that is written meanwhile adds its difference afterwards.
CREATE FUNCTION mend_task_statistics(who uuid)
RETURNS TABLE (period text, first_day date, was integer, should_be integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM hold_task_history(who);
    INSERT INTO user_task_statistics (user_id, period_type, period_date) VALUES (who, 'all', '1970-01-01')
        ON CONFLICT DO NOTHING;
    PERFORM FROM user_task_statistics WHERE user_id = who ORDER BY period_type, period_date FOR UPDATE;
    RETURN QUERY
    WITH differing AS (
        SELECT coalesce(t.period_type, s.period_type) AS period_type, coalesce(t.period_date, s.period_date) AS period_date,
               coalesce(s.total_tasks, 0) AS before,
               coalesce(t.total_tasks, 0) AS tasks, coalesce(t.successful_tasks, 0) AS successful,
               coalesce(t.failed_tasks, 0) AS failed, coalesce(t.total_tokens_used, 0) AS tokens,
               coalesce(t.total_credits_deducted, 0) AS credits, coalesce(t.total_generation_time_ms, 0) AS time_ms,
               coalesce(t.total_storage_bytes, 0) AS bytes
          FROM true_task_statistics(who) AS t
          FULL JOIN (SELECT * FROM user_task_statistics WHERE user_id = who) AS s USING (period_type, period_date)
         WHERE (coalesce(s.total_tasks, 0), coalesce(s.successful_tasks, 0), coalesce(s.failed_tasks, 0),
                coalesce(s.total_tokens_used, 0), coalesce(s.total_credits_deducted, 0),
                coalesce(s.total_generation_time_ms, 0), coalesce(s.total_storage_bytes, 0))
            <> (coalesce(t.total_tasks, 0), coalesce(t.successful_tasks, 0), coalesce(t.failed_tasks, 0),
                coalesce(t.total_tokens_used, 0), coalesce(t.total_credits_deducted, 0),
                coalesce(t.total_generation_time_ms, 0), coalesce(t.total_storage_bytes, 0))
    ), mended AS (
        INSERT INTO user_task_statistics AS s (
            user_id, period_type, period_date, total_tasks, successful_tasks, failed_tasks, total_tokens_used,
            total_credits_deducted, total_generation_time_ms, total_storage_bytes
        )
        SELECT who, period_type, period_date, tasks, successful, failed, tokens, credits, time_ms, bytes FROM differing
        ON CONFLICT (user_id, period_type, period_date) DO UPDATE SET
            total_tasks = excluded.total_tasks, successful_tasks = excluded.successful_tasks,
            failed_tasks = excluded.failed_tasks, total_tokens_used = excluded.total_tokens_used,
            total_credits_deducted = excluded.total_credits_deducted,
            total_generation_time_ms = excluded.total_generation_time_ms,
            total_storage_bytes = excluded.total_storage_bytes, updated_at = now()
    )
    SELECT period_type, period_date, before, tasks FROM differing ORDER BY period_type, period_date;
END
$$;

-- Count everything anew, user by user, after the shop's time zone has changed or rows were loaded without triggers.
CREATE FUNCTION recount_task_statistics() RETURNS void LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
DECLARE
    who uuid;
BEGIN
    LOCK TABLE user_task_history IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM user_task_statistics;
    FOR who IN SELECT DISTINCT user_id FROM user_task_history LOOP
        PERFORM count_tasks(ARRAY(
            SELECT (1, user_id, created_at, status, tokens_used, credits_deducted, generation_time_ms, storage_bytes)::counted_task
              FROM user_task_history WHERE user_id = who AND deleted_at IS NULL
        ));
    END LOOP;
END
$$;

CREATE TRIGGER revise BEFORE INSERT OR UPDATE ON user_task_history FOR EACH ROW EXECUTE FUNCTION revise_task();
CREATE TRIGGER keep_new AFTER INSERT ON user_task_history
    REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION keep_task_history();
CREATE TRIGGER keep_changed AFTER UPDATE ON user_task_history
    REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION keep_task_history();
CREATE TRIGGER keep_deleted AFTER DELETE ON user_task_history
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION keep_task_history();
