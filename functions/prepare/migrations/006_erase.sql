-- Up Migration

-- With it keys are hashed: who has only the list cannot try out whose hash is on it. Made once, here; only those who
-- must know whether a key is on the list may read it.
create table suppression_secret (secret bytea not null);
create unique index suppression_secret_once on suppression_secret ((true));
insert into suppression_secret
select sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

-- Keys whose records are never kept again, as HMAC-SHA256.
create table suppressed (
  pipeline text not null,
  key_hash bytea not null,
  -- Nothing of it has landed since.
  suppressed_at timestamptz not null default clock_timestamp(),
  primary key (pipeline, key_hash)
);

-- Rows of landing of which nothing is left but their place: the payload is {}.
create table erased (
  pipeline text not null,
  seq bigint not null,
  run text not null,
  -- Of the record's dead letter, should there be one.
  identity text not null,
  -- The relay passes by those that it had not published.
  published boolean not null,
  primary key (pipeline, seq)
);
create index erased_of_run on erased (pipeline, run) where not published;
create index erased_letters on erased (pipeline, identity);

alter table dead_letters
  drop constraint dead_letters_state_check,
  add constraint dead_letters_state_check check (state in ('open', 'redriving', 'stored', 'parked', 'erased'));

-- Down Migration
-- None: a database is never taken back (a newer database serves older code).
