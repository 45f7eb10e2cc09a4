import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareOn } from '../support/comparison.ts'
import { testDatabase } from '../support/database.ts'
import { turns } from '../support/steps.ts'

describe('the comparison with the oracle', () => {
  /** Each is one mistake in `ledger_post` or beside it, planted in a database of its own: the comparison has to find it. */
  it.each<[mistake: string, function: string, right: string, wrong: string]>([
    ['forgets floors', 'ledger_post', '< a_floor[k] then', '< a_floor[k] - 1 then'],
    ['forgets what is held', 'ledger_post', '- a_held[k] < a_floor[k]', '< a_floor[k]'],
    ['lets a refused draft keep its id', 'ledger_post', 'twin := p_same[twin]', 'twin := 0'],
    ['posts to blocked accounts', 'ledger_post', "when 'blocked' then 'account-blocked'", "when 'blocked' then null"],
    ['posts on the last closed day', 'ledger_post', 'day <= head.closed_through', 'day < head.closed_through'],
    ['posts tomorrow', 'ledger_post', 'day > p_today', 'day > p_today + 1'],
    ['posts before an account is open', 'ledger_post', 'day < a_opened[k] or', 'false or'],
    ['tells a replay of other content', 'ledger_post', 'if known_contents[pos] = p_contents[i] then', 'if true then'],
    ['leaves a fallen list’s balances', 'ledger_post', "if d_outcome[g] = 'posted' then", 'if false then'],
    [
      'leaves a refused draft’s balances',
      'ledger_post',
      'for j in first..applied loop',
      'for j in first + 1..applied loop',
    ],
    ['leaves a fallen capture', 'ledger_post', "h_statuses[pos] := 'placed';", ''],
    ['forgets a reversal of the same batch', 'ledger_post', 'reversed := reversed || p_reverses[i]', 'null'],
    ['captures more than is held', 'ledger_post', 'captured > h_amounts[pos]', 'captured > h_amounts[pos] + 1'],
    ['frees only what was captured', 'ledger_post', '- h_amounts[pos];', '- captured;'],
    ['numbers with a gap after a list fell', 'ledger_post', 'seq := group_seq;', ''],
    ['chains a fallen list', 'ledger_post', 'link := group_link;', ''],
    [
      'is told the clock, not the book’s time',
      'ledger_post',
      "greatest(date_trunc('milliseconds', p_now), head.recorded_at)",
      "date_trunc('milliseconds', p_now)",
    ],
    ['does not lock the book', 'ledger_post', 'for no key update', ''],
    ['expires holds a moment late', 'ledger_expire_holds', 'h.expires_at <= p_at', 'h.expires_at < p_at'],
    ['places holds below the floor', 'ledger_place_hold', 'available - p_amount < acc.floor', 'available < acc.floor'],
    [
      'closes an account before its last entry',
      'ledger_change_accounts',
      'greatest(last_day, acc.opened_on)',
      'acc.opened_on',
    ],
    [
      'settles an instant that may still come',
      'ledger_settle_instant',
      "p_instant + interval '1 millisecond'",
      'p_instant',
    ],
    ['closes the month of its opening first', 'ledger_close_month', 'least(b.opened_on, ', 'coalesce(b.opened_on, '],
    [
      'closes the month of the first money first',
      'ledger_close_month',
      'least(b.opened_on, (select',
      'greatest(b.opened_on, (select',
    ],
    ['adds a day twice', 'ledger_add_days', 'e.sequence > head.days_through', 'e.sequence >= head.days_through'],
  ])(
    'finds a ledger that %s',
    async (_, name, right, wrong) => {
      const faulty = await testDatabase()
      const { rows } = await faulty.owner.$client.query(
        `select pg_get_functiondef(oid) as text from pg_proc where proname = $1`,
        [name],
      )
      const text: string = rows[0].text
      expect(text).toContain(right)
      await faulty.owner.$client.query(text.replaceAll(right, wrong))
      const comparison = compareOn(faulty)
      const found = fc.check(fc.asyncProperty(turns, comparison.play), { seed: 1, numRuns: 2000, endOnFailure: true })
      expect((await found).failed).toBe(true)
      await comparison.drain()
      await faulty.close()
    },
    120_000,
  )
})
