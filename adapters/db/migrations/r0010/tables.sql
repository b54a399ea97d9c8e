-- The three tables of the task history, as in adapters/db/models/task_history.py.

CREATE SEQUENCE task_history_revision;

CREATE TABLE user_task_history (
    id UUID DEFAULT uuidv7() NOT NULL,
    user_id UUID NOT NULL,
    task_type TEXT NOT NULL,
    prompt TEXT NOT NULL,
    original_image_url TEXT,
    generated_image_url TEXT,
    aws_original_key TEXT,
    aws_generated_key TEXT,
    tokens_used INTEGER,
    credits_deducted INTEGER DEFAULT 0 NOT NULL,
    status TEXT DEFAULT 'pending' NOT NULL,
    error_message TEXT,
    aspect_ratio TEXT,
    model_version TEXT,
    generation_time_ms INTEGER,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    completed_at TIMESTAMP WITH TIME ZONE,
    favourite BOOLEAN DEFAULT false NOT NULL,
    rating SMALLINT,
    rating_comment TEXT,
    order_id TEXT,
    image_task_id TEXT,
    call_id TEXT,
    storage_bytes BIGINT DEFAULT 0 NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    revision BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT pk_user_task_history PRIMARY KEY (id),
    CONSTRAINT ck_user_task_history_task_type CHECK (task_type IN ('image_generation', 'image_edit', 'template_generation')),
    CONSTRAINT ck_user_task_history_status CHECK (status IN ('pending', 'completed', 'failed')),
    CONSTRAINT ck_user_task_history_prompt_length CHECK (length(prompt) <= 20000),
    CONSTRAINT ck_user_task_history_error_message_length CHECK (length(error_message) <= 2000),
    CONSTRAINT ck_user_task_history_aspect_ratio_length CHECK (length(aspect_ratio) <= 200),
    CONSTRAINT ck_user_task_history_model_version_length CHECK (length(model_version) <= 200),
    CONSTRAINT ck_user_task_history_rating_comment_length CHECK (length(rating_comment) <= 2000),
    CONSTRAINT ck_user_task_history_rating_range CHECK (rating BETWEEN 1 AND 5),
    CONSTRAINT ck_user_task_history_tokens_used_not_negative CHECK (tokens_used >= 0),
    CONSTRAINT ck_user_task_history_credits_deducted_not_negative CHECK (credits_deducted >= 0),
    CONSTRAINT ck_user_task_history_generation_time_ms_not_negative CHECK (generation_time_ms >= 0),
    CONSTRAINT ck_user_task_history_storage_bytes_not_negative CHECK (storage_bytes >= 0),
    CONSTRAINT ck_user_task_history_completed_has_image CHECK (status <> 'completed' OR order_id IS NOT NULL OR aws_generated_key IS NOT NULL),
    CONSTRAINT ck_user_task_history_failed_has_error CHECK (status <> 'failed' OR error_message IS NOT NULL),
    CONSTRAINT ck_user_task_history_finished_at CHECK ((status = 'pending') = (completed_at IS NULL)),
    CONSTRAINT uq_user_task_history_call_id UNIQUE (call_id)
);
CREATE INDEX ix_user_task_history_bin ON user_task_history (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX ix_user_task_history_created_at ON user_task_history (created_at);
CREATE INDEX ix_user_task_history_newest ON user_task_history (user_id, created_at DESC, id DESC)
    INCLUDE (status, task_type, favourite, aspect_ratio) WHERE deleted_at IS NULL;
CREATE INDEX ix_user_task_history_order_id ON user_task_history (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX ix_user_task_history_user_id_revision ON user_task_history (user_id, revision);
COMMENT ON TABLE user_task_history IS 'Users'' task history. Row-level security: users see and change only their own';
COMMENT ON COLUMN user_task_history.original_image_url IS 'Where the original was given as an address';
COMMENT ON COLUMN user_task_history.generated_image_url IS 'Address of the result outside our storage, if any';
COMMENT ON COLUMN user_task_history.aws_original_key IS 'Key of the original in object storage';
COMMENT ON COLUMN user_task_history.aws_generated_key IS 'Key of the result in object storage';
COMMENT ON COLUMN user_task_history.tokens_used IS 'Null until known';
COMMENT ON COLUMN user_task_history.credits_deducted IS
    'By our price table; 0 of a failed record, whose credits are refunded';
COMMENT ON COLUMN user_task_history.aspect_ratio IS 'Such as 3:4';
COMMENT ON COLUMN user_task_history.generation_time_ms IS 'Null until known';
COMMENT ON COLUMN user_task_history.completed_at IS 'When it was completed or failed';
COMMENT ON COLUMN user_task_history.rating IS '1 to 5';
COMMENT ON COLUMN user_task_history.order_id IS 'Order whose picture it is; null of a record of the API';
COMMENT ON COLUMN user_task_history.image_task_id IS 'Picture of the order, as in image_tasks';
COMMENT ON COLUMN user_task_history.call_id IS 'Model call of the order, one record each';
COMMENT ON COLUMN user_task_history.storage_bytes IS 'Size of its files in storage';
COMMENT ON COLUMN user_task_history.deleted_at IS 'In the bin: hidden and not counted, until the undo ends';
COMMENT ON COLUMN user_task_history.revision IS 'Set at each write, rising; event id of the live page';

CREATE TABLE user_task_statistics (
    id UUID DEFAULT uuidv7() NOT NULL,
    user_id UUID NOT NULL,
    period_type TEXT NOT NULL,
    period_date DATE NOT NULL,
    total_tasks INTEGER DEFAULT 0 NOT NULL,
    successful_tasks INTEGER DEFAULT 0 NOT NULL,
    failed_tasks INTEGER DEFAULT 0 NOT NULL,
    total_tokens_used BIGINT DEFAULT 0 NOT NULL,
    total_credits_deducted BIGINT DEFAULT 0 NOT NULL,
    total_generation_time_ms BIGINT DEFAULT 0 NOT NULL,
    avg_generation_time_ms BIGINT GENERATED ALWAYS AS (CASE WHEN successful_tasks > 0 THEN total_generation_time_ms / successful_tasks ELSE 0 END) STORED NOT NULL,
    total_storage_bytes BIGINT DEFAULT 0 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_user_task_statistics PRIMARY KEY (id),
    CONSTRAINT ck_user_task_statistics_period_type CHECK (period_type IN ('day', 'week', 'month', 'all')),
    CONSTRAINT uq_user_task_statistics_user_id_period_type_period_date UNIQUE (user_id, period_type, period_date)
);
CREATE INDEX ix_user_task_statistics_day ON user_task_statistics (period_date) WHERE period_type = 'day';
CREATE INDEX ix_user_task_statistics_storage ON user_task_statistics (total_storage_bytes) WHERE period_type = 'all';
COMMENT ON TABLE user_task_statistics IS 'Sums of the task history, kept by its triggers. Row-level security: users see only their own';
COMMENT ON COLUMN user_task_statistics.period_date IS 'First day, in the shop''s time zone; 1970-01-01 for all';
COMMENT ON COLUMN user_task_statistics.total_tasks IS 'Pending ones included';
COMMENT ON COLUMN user_task_statistics.total_generation_time_ms IS 'Of completed tasks';
COMMENT ON COLUMN user_task_statistics.avg_generation_time_ms IS 'Of completed tasks; 0 if there are none';

CREATE TABLE credit_ledger (
    id UUID DEFAULT uuidv7() NOT NULL,
    user_id UUID NOT NULL,
    what TEXT NOT NULL,
    amount INTEGER NOT NULL,
    task UUID,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_credit_ledger PRIMARY KEY (id),
    CONSTRAINT uq_credit_ledger_user_id_what_task UNIQUE NULLS NOT DISTINCT (user_id, what, task)
);
CREATE INDEX ix_credit_ledger_task ON credit_ledger (task) WHERE task IS NOT NULL;
CREATE INDEX ix_credit_ledger_user_id_at ON credit_ledger (user_id, at)
    INCLUDE (what, amount);
COMMENT ON TABLE credit_ledger IS 'Credits granted, charged and refunded; the balance is the sum. Rows are added, never changed';
COMMENT ON COLUMN credit_ledger.what IS 'grant of a month, the type of a task, order, or refund';
COMMENT ON COLUMN credit_ledger.amount IS 'Positive adds credits, negative takes them';
COMMENT ON COLUMN credit_ledger.task IS 'Record that was charged or refunded; it may be deleted since';

ALTER SEQUENCE task_history_revision OWNED BY user_task_history.revision;
