-- The definitions that ship, as src/statistics/definitions/presets.ts has them; a test compares the two.
insert into definition (id, name, version, follows, title, source, terms, recorded_at, actor, content_hash) values
  ('00000000-0000-4000-8000-0000000d0001', 'PAS-v1', 1, null, 'Permanent active savers',
   'This project; 4 operations a year from SIERRA SUR II, S/10 from the IEP study',
   '{"window":{"unit":"months","length":12},"operations":"DEPOSITS","minimumDeposit":"1.00","count":"months","minimumActive":4,"recency":6,"minimumBalance":"10.00","minimumAge":12,"retention":null}',
   '2026-01-01T00:00:00Z', 'shipped', '\xa7eaf234b7bf78abbfc24d5e7c820e8d9fb4a4121cbadfb9ff5151896d153eb0'),
  ('00000000-0000-4000-8000-0000000d0002', 'SIERRA-SUR-4-OPS', 1, null, 'At least four operations a year',
   'SIERRA SUR II, to the letter',
   '{"window":{"unit":"months","length":12},"operations":"DEPOSITS_AND_WITHDRAWALS","minimumDeposit":null,"count":"operations","minimumActive":4,"recency":null,"minimumBalance":null,"minimumAge":12,"retention":null}',
   '2026-01-01T00:00:00Z', 'shipped', '\xdbd17aa9979a2d7eacfe30bb52b1dbcb123e1c5d09fd376117447f12f7315654'),
  ('00000000-0000-4000-8000-0000000d0003', 'FINDEX-ACTIVE-12M', 1, null, 'Any deposit or withdrawal in twelve months',
   'Global Findex: an account is inactive without a deposit or withdrawal in the past 12 months',
   '{"window":{"unit":"months","length":12},"operations":"DEPOSITS_AND_WITHDRAWALS","minimumDeposit":null,"count":"operations","minimumActive":1,"recency":null,"minimumBalance":null,"minimumAge":0,"retention":null}',
   '2026-01-01T00:00:00Z', 'shipped', '\xd11a37ed007626158a7c97dcee45e16be2d9e6403e288a58f07e52cfbffaadf8'),
  ('00000000-0000-4000-8000-0000000d0004', 'ACTIVE-90D', 1, null, 'Any deposit or withdrawal in ninety days',
   'Active customers as operators of mobile money count them (90 days)',
   '{"window":{"unit":"days","length":90},"operations":"DEPOSITS_AND_WITHDRAWALS","minimumDeposit":null,"count":"operations","minimumActive":1,"recency":null,"minimumBalance":null,"minimumAge":0,"retention":null}',
   '2026-01-01T00:00:00Z', 'shipped', '\xe484d002d8c69d85943d12a4d3c45010d2b51cb29dace13337c339b457b537e5');
--> statement-breakpoint
-- Definitions are registered, and never changed: what was counted by one is counted so for ever.
grant select, insert on definition to qullqi_service;
--> statement-breakpoint
create trigger definition_is_final before update or delete or truncate on definition
  for each statement execute function refuse_change();
