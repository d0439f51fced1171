-- Up Migration

alter table pipelines
  -- Offsets that the tables had absorbed when supervise last looked.
  add column absorbed bigint,
  -- Since when they stand there although the topic has more; null while they are where it ends.
  add column waiting_since timestamptz;

-- Down Migration
-- None: a database is never taken back (a newer database serves older code).
