-- Who was registered before versions were kept has what stands of her now as her first.
insert into saver_version (book_id, saver_id, number, person, since, district_code, sex, birth_date, mother_tongue, recorded_at)
select book_id, id, 0, person, null, district_code, sex, birth_date, mother_tongue, recorded_at from saver;
--> statement-breakpoint
-- Versions are added; of one that stands only the language may be forgotten.
grant select, insert on saver_version to qullqi_service;
--> statement-breakpoint
grant update (mother_tongue) on saver_version to qullqi_service;
--> statement-breakpoint
create function saver_version_stays() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if new.mother_tongue is null and to_jsonb(new) - 'mother_tongue' = to_jsonb(old) - 'mother_tongue' then
    return new;
  end if;
  raise exception 'saver_version_stays: a language may be forgotten, and not told anew' using errcode = 'QL901';
end $$;
--> statement-breakpoint
create trigger saver_version_stays before update on saver_version for each row execute function saver_version_stays();
--> statement-breakpoint
revoke execute on function saver_version_stays from public;
--> statement-breakpoint
create trigger saver_version_is_not_removed before delete or truncate on saver_version
  for each statement execute function refuse_change();
