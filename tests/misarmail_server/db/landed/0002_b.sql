CREATE TABLE accounts (
  id TEXT NOT NULL,
  email TEXT NOT NULL,
  "plan" TEXT NOT NULL,
  senders TEXT NOT NULL,
  created_at BIGINT NOT NULL, password_hash TEXT,
  CONSTRAINT pk_accounts PRIMARY KEY (id),
  CONSTRAINT uq_accounts_email UNIQUE (email)
);
CREATE TABLE alembic_version (
  version_num VARCHAR(32) NOT NULL,
  CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE audit_entries (
  id INTEGER NOT NULL,
  account_id TEXT NOT NULL,
  key_id TEXT,
  operation TEXT NOT NULL,
  target TEXT NOT NULL,
  request_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  CONSTRAINT pk_audit_entries PRIMARY KEY (id)
);
CREATE TABLE connected_accounts (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  email TEXT NOT NULL,
  name TEXT,
  imap_host TEXT NOT NULL,
  imap_port BIGINT NOT NULL,
  smtp_host TEXT NOT NULL,
  smtp_port BIGINT NOT NULL,
  username TEXT NOT NULL,
  password_sealed BLOB NOT NULL,
  sync_status TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  CONSTRAINT pk_connected_accounts PRIMARY KEY (id),
  CONSTRAINT fk_connected_accounts_account_id FOREIGN KEY(account_id) REFERENCES accounts (id),
  CONSTRAINT uq_connected_accounts_account_id UNIQUE (account_id, email)
);
CREATE TABLE idempotency (
  account_id TEXT NOT NULL,
  "key" TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  status BIGINT NOT NULL,
  answer BLOB NOT NULL,
  created_at BIGINT NOT NULL,
  CONSTRAINT pk_idempotency PRIMARY KEY (account_id, "key"),
  CONSTRAINT fk_idempotency_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE TABLE keys (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  secret_hash BLOB NOT NULL,
  key_prefix TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  last_used_at BIGINT, allowed_account_id TEXT,
  CONSTRAINT pk_keys PRIMARY KEY (id),
  CONSTRAINT fk_keys_account_id FOREIGN KEY(account_id) REFERENCES accounts (id),
  CONSTRAINT uq_keys_secret_hash UNIQUE (secret_hash)
);
CREATE TABLE messages (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  key_id TEXT,
  stream TEXT NOT NULL,
  is_sandbox BOOLEAN NOT NULL,
  from_email TEXT NOT NULL,
  from_name TEXT,
  reply_to_json TEXT,
  to_json TEXT NOT NULL,
  cc_json TEXT NOT NULL,
  subject TEXT NOT NULL,
  body_html TEXT,
  body_text TEXT,
  headers_json TEXT NOT NULL,
  tags_json TEXT NOT NULL,
  metadata_json TEXT NOT NULL,
  template_id TEXT,
  source_app TEXT,
  scheduled_at BIGINT,
  created_at BIGINT NOT NULL,
  CONSTRAINT pk_messages PRIMARY KEY (id),
  CONSTRAINT fk_messages_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE TABLE password_resets (
  token_hash BLOB NOT NULL,
  account_id TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  CONSTRAINT pk_password_resets PRIMARY KEY (token_hash),
  CONSTRAINT fk_password_resets_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE TABLE plan_orders (
  account_id TEXT NOT NULL,
  "plan" TEXT NOT NULL,
  period TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  CONSTRAINT pk_plan_orders PRIMARY KEY (account_id),
  CONSTRAINT fk_plan_orders_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE TABLE senders (
  account_id TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  CONSTRAINT pk_senders PRIMARY KEY (account_id, address),
  CONSTRAINT fk_senders_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE TABLE sessions (
  token_hash BLOB NOT NULL,
  account_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  CONSTRAINT pk_sessions PRIMARY KEY (token_hash),
  CONSTRAINT fk_sessions_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE TABLE suppressions (
  account_id TEXT NOT NULL,
  address TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  CONSTRAINT pk_suppressions PRIMARY KEY (account_id, address),
  CONSTRAINT fk_suppressions_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE TABLE templates (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  subject TEXT NOT NULL,
  body_html TEXT NOT NULL,
  body_text TEXT,
  category TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  CONSTRAINT pk_templates PRIMARY KEY (id),
  CONSTRAINT fk_templates_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE TABLE usage (
  account_id TEXT NOT NULL,
  feature TEXT NOT NULL,
  period TEXT NOT NULL,
  slot BIGINT NOT NULL,
  used BIGINT NOT NULL,
  CONSTRAINT pk_usage PRIMARY KEY (account_id, feature, period, slot),
  CONSTRAINT fk_usage_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE TABLE attachments (
  id INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  filename TEXT NOT NULL,
  content_type TEXT NOT NULL,
  content_id TEXT,
  content BLOB NOT NULL,
  CONSTRAINT pk_attachments PRIMARY KEY (id),
  CONSTRAINT fk_attachments_message_id FOREIGN KEY(message_id) REFERENCES messages (id)
);
CREATE TABLE captures (
  message_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  CONSTRAINT pk_captures PRIMARY KEY (message_id),
  CONSTRAINT fk_captures_message_id FOREIGN KEY(message_id) REFERENCES messages (id)
);
CREATE TABLE events (
  id INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  recipient TEXT,
  type TEXT NOT NULL,
  reply_code BIGINT,
  reply_text TEXT,
  at BIGINT NOT NULL,
  CONSTRAINT pk_events PRIMARY KEY (id),
  CONSTRAINT fk_events_message_id FOREIGN KEY(message_id) REFERENCES messages (id)
);
CREATE TABLE recipients (
  id INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  address TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  priority BIGINT NOT NULL,
  attempt_count BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  lease_owner TEXT,
  lease_until BIGINT,
  finished_at BIGINT,
  CONSTRAINT pk_recipients PRIMARY KEY (id),
  CONSTRAINT fk_recipients_account_id FOREIGN KEY(account_id) REFERENCES accounts (id),
  CONSTRAINT fk_recipients_message_id FOREIGN KEY(message_id) REFERENCES messages (id),
  CONSTRAINT uq_recipients_message_id UNIQUE (message_id, address)
);
CREATE INDEX ix_attachments_message_id ON attachments (message_id);
CREATE INDEX ix_audit_entries_account ON audit_entries (account_id, id);
CREATE INDEX ix_captures_account_created ON captures (account_id, created_at);
CREATE INDEX ix_events_message_id ON events (message_id);
CREATE INDEX ix_idempotency_created_at ON idempotency (created_at);
CREATE INDEX ix_keys_account_id ON keys (account_id);
CREATE INDEX ix_messages_account_created ON messages (account_id, created_at);
CREATE INDEX ix_password_resets_account_id ON password_resets (account_id);
CREATE INDEX ix_recipients_due ON recipients (state, priority, due_at);
CREATE INDEX ix_recipients_lease ON recipients (state, lease_until);
CREATE INDEX ix_sessions_account_id ON sessions (account_id);
CREATE INDEX ix_templates_account_created ON templates (account_id, created_at);
INSERT INTO alembic_version VALUES ('0002');
