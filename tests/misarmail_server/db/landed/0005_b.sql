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
CREATE TABLE event_counts (
  account_id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  span TEXT NOT NULL,
  began_at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  slot BIGINT NOT NULL,
  count BIGINT NOT NULL,
  CONSTRAINT pk_event_counts PRIMARY KEY (account_id, campaign_id, span, began_at, kind, slot)
);
CREATE TABLE ip_addresses (
  address TEXT NOT NULL,
  rdns TEXT,
  created_at BIGINT NOT NULL,
  CONSTRAINT pk_ip_addresses PRIMARY KEY (address)
);
CREATE TABLE link_counts (
  campaign_id TEXT NOT NULL,
  url_hash BLOB NOT NULL,
  slot BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  url TEXT NOT NULL,
  clicks BIGINT NOT NULL,
  unique_clicks BIGINT NOT NULL,
  CONSTRAINT pk_link_counts PRIMARY KEY (campaign_id, url_hash, slot)
);
CREATE TABLE mail_hosts (
  domain TEXT NOT NULL,
  takes_mail BOOLEAN NOT NULL,
  checked_at BIGINT NOT NULL,
  CONSTRAINT pk_mail_hosts PRIMARY KEY (domain)
);
CREATE TABLE aliases (
  email TEXT NOT NULL,
  name TEXT,
  is_default BOOLEAN NOT NULL,
  ip_pool TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  CONSTRAINT pk_aliases PRIMARY KEY (id),
  CONSTRAINT fk_aliases_account_id FOREIGN KEY(account_id) REFERENCES accounts (id),
  CONSTRAINT uq_aliases_account_id UNIQUE (account_id, email)
);
CREATE TABLE automations (
  name TEXT NOT NULL,
  trigger_type TEXT NOT NULL,
  trigger_config_json TEXT NOT NULL,
  exit_on_json TEXT NOT NULL,
  status TEXT NOT NULL,
  version BIGINT NOT NULL,
  step_count BIGINT NOT NULL,
  enrolled BIGINT NOT NULL,
  activated_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  CONSTRAINT pk_automations PRIMARY KEY (id),
  CONSTRAINT fk_automations_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE TABLE campaigns (
  name TEXT NOT NULL,
  subject TEXT NOT NULL,
  from_email TEXT NOT NULL,
  from_name TEXT,
  reply_to TEXT,
  segment_id TEXT,
  template_id TEXT,
  body_html TEXT,
  body_text TEXT,
  status TEXT NOT NULL,
  scheduled_at BIGINT,
  started_at BIGINT,
  sent_at BIGINT,
  completed_at BIGINT,
  total_recipients BIGINT NOT NULL,
  total_sent BIGINT NOT NULL,
  total_delivered BIGINT NOT NULL,
  total_opened BIGINT NOT NULL,
  total_clicked BIGINT NOT NULL,
  total_bounced BIGINT NOT NULL,
  total_complained BIGINT NOT NULL,
  total_unsubscribed BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  CONSTRAINT pk_campaigns PRIMARY KEY (id),
  CONSTRAINT fk_campaigns_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE TABLE channel_messages (
  key_id TEXT,
  channel TEXT NOT NULL,
  contact_id TEXT,
  asked_json TEXT NOT NULL,
  state TEXT NOT NULL,
  outcomes_json TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  finished_at BIGINT,
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  CONSTRAINT pk_channel_messages PRIMARY KEY (id),
  CONSTRAINT fk_channel_messages_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
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
CREATE TABLE dedicated_ips (
  address TEXT,
  pool TEXT NOT NULL,
  rdns TEXT,
  warmup_enabled BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  provisioned_at BIGINT,
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  CONSTRAINT pk_dedicated_ips PRIMARY KEY (id),
  CONSTRAINT fk_dedicated_ips_account_id FOREIGN KEY(account_id) REFERENCES accounts (id),
  CONSTRAINT fk_dedicated_ips_address FOREIGN KEY(address) REFERENCES ip_addresses (address),
  CONSTRAINT uq_dedicated_ips_address UNIQUE (address)
);
CREATE TABLE domains (
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  dkim_status TEXT NOT NULL,
  spf_status TEXT NOT NULL,
  dmarc_status TEXT NOT NULL,
  mx_status TEXT NOT NULL,
  return_path_status TEXT NOT NULL,
  proof_status TEXT NOT NULL,
  generation BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  verified_at BIGINT,
  checked_at BIGINT,
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  CONSTRAINT pk_domains PRIMARY KEY (id),
  CONSTRAINT fk_domains_account_id FOREIGN KEY(account_id) REFERENCES accounts (id),
  CONSTRAINT uq_domains_account_id UNIQUE (account_id, name)
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
CREATE TABLE inbound_domains (
  subdomain TEXT NOT NULL,
  webhook_url TEXT NOT NULL,
  webhook_secret TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  CONSTRAINT pk_inbound_domains PRIMARY KEY (id),
  CONSTRAINT fk_inbound_domains_account_id FOREIGN KEY(account_id) REFERENCES accounts (id),
  CONSTRAINT uq_inbound_domains_subdomain UNIQUE (subdomain)
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
  created_at BIGINT NOT NULL, alias_id TEXT,
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
CREATE TABLE webhooks (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  url TEXT NOT NULL,
  events_json TEXT NOT NULL,
  secret_sealed BLOB NOT NULL,
  active BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  CONSTRAINT pk_webhooks PRIMARY KEY (id),
  CONSTRAINT fk_webhooks_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE TABLE ab_tests (
  campaign_id TEXT NOT NULL,
  status TEXT NOT NULL,
  metric TEXT NOT NULL,
  test_size_percent DOUBLE NOT NULL,
  auto_send_winner BOOLEAN NOT NULL,
  auto_send_after_hours DOUBLE NOT NULL,
  variant_count BIGINT NOT NULL,
  winner_id TEXT,
  started_at BIGINT,
  completed_at BIGINT,
  created_at BIGINT NOT NULL,
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  CONSTRAINT pk_ab_tests PRIMARY KEY (id),
  CONSTRAINT fk_ab_tests_account_id FOREIGN KEY(account_id) REFERENCES accounts (id),
  CONSTRAINT fk_ab_tests_campaign_id FOREIGN KEY(campaign_id) REFERENCES campaigns (id),
  CONSTRAINT uq_ab_tests_campaign_id UNIQUE (campaign_id)
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
CREATE TABLE automation_steps (
  automation_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  position BIGINT NOT NULL,
  type TEXT NOT NULL,
  config_json TEXT NOT NULL,
  CONSTRAINT pk_automation_steps PRIMARY KEY (automation_id, version, position),
  CONSTRAINT fk_automation_steps_automation_id FOREIGN KEY(automation_id) REFERENCES automations (id)
);
CREATE TABLE captures (
  message_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  CONSTRAINT pk_captures PRIMARY KEY (message_id),
  CONSTRAINT fk_captures_message_id FOREIGN KEY(message_id) REFERENCES messages (id)
);
CREATE TABLE dkim_keys (
  domain_id TEXT NOT NULL,
  selector TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  generation BIGINT NOT NULL,
  private_key BLOB,
  public_key TEXT NOT NULL,
  state TEXT NOT NULL,
  record_status TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  CONSTRAINT pk_dkim_keys PRIMARY KEY (domain_id, selector),
  CONSTRAINT fk_dkim_keys_domain_id FOREIGN KEY(domain_id) REFERENCES domains (id)
);
CREATE TABLE enrollments (
  automation_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  contact_id TEXT NOT NULL,
  status TEXT NOT NULL,
  position BIGINT NOT NULL,
  due_at BIGINT,
  enrolled_at BIGINT NOT NULL,
  finished_at BIGINT,
  exit_reason TEXT,
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  CONSTRAINT pk_enrollments PRIMARY KEY (id),
  CONSTRAINT fk_enrollments_account_id FOREIGN KEY(account_id) REFERENCES accounts (id),
  CONSTRAINT fk_enrollments_automation_id FOREIGN KEY(automation_id) REFERENCES automations (id)
);
CREATE TABLE events (
  id INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  recipient TEXT,
  type TEXT NOT NULL,
  reply_code BIGINT,
  reply_text TEXT,
  at BIGINT NOT NULL, kind TEXT, campaign_id TEXT, url TEXT,
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
CREATE TABLE verified_domains (
  name TEXT NOT NULL,
  domain_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  CONSTRAINT pk_verified_domains PRIMARY KEY (name),
  CONSTRAINT fk_verified_domains_domain_id FOREIGN KEY(domain_id) REFERENCES domains (id),
  CONSTRAINT uq_verified_domains_domain_id UNIQUE (domain_id)
);
CREATE TABLE webhook_deliveries (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  webhook_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  event_type TEXT NOT NULL,
  body BLOB NOT NULL,
  state TEXT NOT NULL,
  attempt_count BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  lease_until BIGINT,
  status_code BIGINT,
  error TEXT,
  created_at BIGINT NOT NULL,
  CONSTRAINT pk_webhook_deliveries PRIMARY KEY (id),
  CONSTRAINT fk_webhook_deliveries_account_id FOREIGN KEY(account_id) REFERENCES accounts (id),
  CONSTRAINT fk_webhook_deliveries_webhook_id FOREIGN KEY(webhook_id) REFERENCES webhooks (id) ON DELETE CASCADE
);
CREATE TABLE variants (
  ab_test_id TEXT NOT NULL,
  position BIGINT NOT NULL,
  name TEXT NOT NULL,
  subject TEXT,
  body_html TEXT,
  body_text TEXT,
  from_name TEXT,
  send_count BIGINT NOT NULL,
  open_count BIGINT NOT NULL,
  click_count BIGINT NOT NULL,
  reply_count BIGINT NOT NULL,
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  CONSTRAINT pk_variants PRIMARY KEY (id),
  CONSTRAINT fk_variants_account_id FOREIGN KEY(account_id) REFERENCES accounts (id),
  CONSTRAINT fk_variants_ab_test_id FOREIGN KEY(ab_test_id) REFERENCES ab_tests (id),
  CONSTRAINT uq_variants_ab_test_id UNIQUE (ab_test_id, position)
);
CREATE INDEX ix_ab_tests_account_created ON ab_tests (account_id, created_at);
CREATE INDEX ix_aliases_account_created ON aliases (account_id, created_at);
CREATE INDEX ix_attachments_message_id ON attachments (message_id);
CREATE INDEX ix_audit_entries_account ON audit_entries (account_id, id);
CREATE INDEX ix_automations_account_created ON automations (account_id, created_at);
CREATE INDEX ix_automations_account_trigger ON automations (account_id, status, trigger_type);
CREATE INDEX ix_campaigns_account_created ON campaigns (account_id, created_at);
CREATE INDEX ix_campaigns_account_status ON campaigns (account_id, status, created_at);
CREATE INDEX ix_campaigns_due ON campaigns (status, scheduled_at);
CREATE INDEX ix_captures_account_created ON captures (account_id, created_at);
CREATE INDEX ix_channel_messages_account_created ON channel_messages (account_id, created_at);
CREATE INDEX ix_dedicated_ips_account_created ON dedicated_ips (account_id, created_at);
CREATE INDEX ix_domains_account_created ON domains (account_id, created_at);
CREATE INDEX ix_enrollments_automation ON enrollments (automation_id, enrolled_at);
CREATE INDEX ix_enrollments_contact ON enrollments (account_id, contact_id);
CREATE INDEX ix_enrollments_due ON enrollments (status, due_at);
CREATE INDEX ix_events_message_id ON events (message_id);
CREATE INDEX ix_idempotency_created_at ON idempotency (created_at);
CREATE INDEX ix_inbound_domains_account_created ON inbound_domains (account_id, created_at);
CREATE INDEX ix_keys_account_id ON keys (account_id);
CREATE INDEX ix_mail_hosts_checked_at ON mail_hosts (checked_at);
CREATE INDEX ix_messages_account_created ON messages (account_id, created_at);
CREATE INDEX ix_password_resets_account_id ON password_resets (account_id);
CREATE INDEX ix_recipients_due ON recipients (state, priority, due_at);
CREATE INDEX ix_recipients_lease ON recipients (state, lease_until);
CREATE INDEX ix_sessions_account_id ON sessions (account_id);
CREATE INDEX ix_templates_account_created ON templates (account_id, created_at);
CREATE INDEX ix_webhook_deliveries_due ON webhook_deliveries (state, due_at);
CREATE INDEX ix_webhook_deliveries_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX ix_webhooks_account_created ON webhooks (account_id, created_at);
CREATE UNIQUE INDEX uq_aliases_default ON aliases (account_id) WHERE is_default;
INSERT INTO alembic_version VALUES ('0005');
