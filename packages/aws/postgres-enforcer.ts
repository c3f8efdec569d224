import { SCHEMA } from "./postgres.ts";

/**
 * The fence inside the writer's own failure domain: functions in the workload's database that end sessions and refuse new
 * ones while its lease row is stale by the database's own clock, and let them in again when it is fresh. Nothing outside
 * the database has to work for it to close. `docs/enforcer.md` tells how to install it, what it costs, how it fails.
 */

/**
 * Every function runs with its owner's rights. The owner has to be (or be a member of) the database's owner, to withhold
 * CONNECT, and a member of pg_signal_backend and pg_read_all_stats, to end sessions: `lifeboat.enforcer_problems` tells.
 */
const FUNCTIONS = `
-- One row: whether a lease was ever held here, whether the door is shut, and whose CONNECT is withheld meanwhile.
create table if not exists lifeboat.door (
  singleton boolean primary key default true check (singleton),
  armed boolean not null default false,
  closed_at timestamptz,
  withheld text[] not null default '{}');
insert into lifeboat.door default values on conflict do nothing;

-- Before the first beat nothing is enforced. After it a lease that is gone is as stale as one that has run out, and so is
-- one from the future: a clock that was set back must not make a lease last longer.
create or replace function lifeboat.is_lease_stale() returns boolean
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  select door.armed and not coalesce((
      select bool_and(clock_timestamp() >= lease.refreshed_at and clock_timestamp() < lease.refreshed_at + lease.valid_for)
      from lifeboat.lease), false)
  from lifeboat.door
$$;

-- What may log in to this database: one line for each grant of CONNECT that counts (superusers need none).
create or replace function lifeboat.admitted(privileged_role name)
returns table (grantee text, grant_option text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select case acl.grantee when 0 then 'public' else quote_ident(role.rolname) end,
         case when acl.is_grantable then ' with grant option' else '' end
  from pg_database database
  cross join aclexplode(coalesce(database.datacl, acldefault('d', database.datdba))) acl
  left join pg_roles role on role.oid = acl.grantee
  where database.datname = current_database() and acl.privilege_type = 'CONNECT'
    and (acl.grantee = 0 or (role.rolname <> privileged_role and not role.rolsuper))
$$;

-- Withholds CONNECT from everybody but the privileged role. Asked again at every run: grants may be added meanwhile.
create or replace function lifeboat.close_door(privileged_role name) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  entry record;
begin
  execute format('grant connect on database %I to %I', current_database(), privileged_role);
  for entry in select * from lifeboat.admitted(privileged_role) loop
    execute format('revoke connect on database %I from %s cascade', current_database(), entry.grantee);
    update lifeboat.door set withheld = withheld || (entry.grantee || entry.grant_option)
    where not (entry.grantee || entry.grant_option) = any (withheld);
  end loop;
  update lifeboat.door set closed_at = clock_timestamp() where closed_at is null;
end $$;

-- Gives back what was withheld. A role that was dropped meanwhile needs nothing.
create or replace function lifeboat.open_door() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  entry text;
begin
  for entry in select unnest(withheld) from lifeboat.door loop
    begin
      execute format('grant connect on database %I to %s', current_database(), entry);
    exception when undefined_object then
      raise warning 'lifeboat: % has gone while the door was shut', entry;
    end;
  end loop;
  update lifeboat.door set closed_at = null, withheld = '{}' where closed_at is not null;
end $$;

-- A beat opens the door at once; the next run of the job would, too.
create or replace function lifeboat.lease_was_written() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update lifeboat.door set armed = true where not armed;
  if exists (select from lifeboat.door where closed_at is not null) then
    perform pg_advisory_xact_lock(hashtext('lifeboat.door'));
    if not lifeboat.is_lease_stale() then
      perform lifeboat.open_door();
    end if;
  end if;
  return null;
end $$;
create or replace trigger lease_was_written after insert or update on lifeboat.lease
  for each statement execute function lifeboat.lease_was_written();

-- The job: run it every few seconds. Answers what it found and did.
create or replace function lifeboat.enforce(privileged_role name) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  session record;
  ended integer := 0;
  kept integer := 0;
begin
  if not exists (select from pg_roles where rolname = privileged_role) then
    raise exception 'lifeboat: there is no role "%": nobody could refresh the lease again', privileged_role
      using errcode = 'undefined_object';
  end if;
  perform pg_advisory_xact_lock(hashtext('lifeboat.door'));
  if not lifeboat.is_lease_stale() then
    if exists (select from lifeboat.door where closed_at is not null) then
      perform lifeboat.open_door();
      return 'opened';
    end if;
    return 'open';
  end if;
  perform lifeboat.close_door(privileged_role);
  for session in
    select activity.pid from pg_stat_activity activity join pg_roles role on role.oid = activity.usesysid
    where activity.datname = current_database() and activity.pid <> pg_backend_pid()
      and coalesce(activity.backend_type, 'client backend') = 'client backend'
      and role.rolname <> privileged_role and not role.rolsuper and not role.rolreplication
  loop
    -- One session that may not be ended keeps neither the door open nor the others alive.
    begin
      if pg_terminate_backend(session.pid) then ended := ended + 1; end if;
    exception when insufficient_privilege then
      kept := kept + 1;
    end;
  end loop;
  if kept > 0 or exists (select from lifeboat.admitted(privileged_role)) then
    raise warning 'lifeboat: the lease is stale, but % sessions could not be ended and CONNECT is left to: %', kept,
      (select coalesce(string_agg(grantee, ', '), 'nobody') from lifeboat.admitted(privileged_role));
  end if;
  return format('closed: %s sessions ended, %s could not be', ended, kept);
end $$;

-- For a session that outlives the lease for the seconds until the job runs: its writes are refused at once.
create or replace function lifeboat.refuse_when_stale() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if lifeboat.is_lease_stale() then
    raise exception 'lifeboat: the lease of this site has run out; writes belong to the other site'
      using errcode = 'read_only_sql_transaction';
  end if;
  return null;
end $$;

-- Guards one table. Once per statement, not per row; guarding a table twice is guarding it once.
create or replace function lifeboat.guard(guarded regclass) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  execute format('create or replace trigger lifeboat_guard before insert or update or delete or truncate on %s
    for each statement execute function lifeboat.refuse_when_stale()', guarded);
end $$;

-- What would keep the enforcer from doing its work, in words; no line: nothing would.
create or replace function lifeboat.enforcer_problems(privileged_role name) returns setof text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select from pg_roles where rolname = privileged_role) then
    return next format('there is no role "%s"', privileged_role);
  elsif exists (select from pg_roles where rolname = privileged_role and rolsuper) then
    return next format('"%s" is a superuser: whatever logs in as it is never ended', privileged_role);
  end if;
  if not exists (select from pg_database
      where datname = current_database() and pg_has_role(current_user, datdba, 'USAGE')) then
    return next format('"%s", who owns the functions, is no member of the database''s owner: CONNECT cannot be withheld', current_user);
  end if;
  if not pg_has_role(current_user, 'pg_signal_backend', 'USAGE') then
    return next format('"%s", who owns the functions, is no member of pg_signal_backend: sessions cannot be ended', current_user);
  end if;
  return query
    select format('"%s" is a member of "%s" and keeps its CONNECT', member.rolname, privileged_role)
    from pg_roles member
    where member.rolname <> privileged_role and not member.rolsuper
      and exists (select from pg_roles where rolname = privileged_role)
      and pg_has_role(member.oid, (select oid from pg_roles where rolname = privileged_role), 'USAGE');
end $$;
`;

/** Nothing of it is for the public; the privileged role writes beats and runs the job. */
const privileges = (role: string): string => `
do $$ begin
  -- Its own grant, not the public's: that is what stays when everybody else's is withheld.
  execute format('grant connect on database %I to "${role}"', current_database());
end $$;
revoke all on schema lifeboat from public;
revoke all on all functions in schema lifeboat from public;
grant usage on schema lifeboat to "${role}";
grant select, insert, delete on lifeboat.canary to "${role}";
grant select, insert, update on lifeboat.lease to "${role}";
grant execute on function lifeboat.enforce(name), lifeboat.is_lease_stale(), lifeboat.enforcer_problems(name) to "${role}";
`;

/**
 * The SQL that installs tables and enforcer into a workload's database; running it again changes nothing. `privilegedRole`
 * is whom the control plane logs in as: it is always let in. Throws RangeError for a name that would need quoting.
 */
export const enforcerSql = (privilegedRole: string): string => {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(privilegedRole))
    throw new RangeError(
      `"${privilegedRole}" is no plain role name (lower-case letters, digits and underscores)`,
    );
  return `${SCHEMA}${FUNCTIONS}${privileges(privilegedRole)}`;
};
