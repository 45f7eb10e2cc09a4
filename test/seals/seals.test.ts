import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sessionOf } from '../../src/db/stream.ts'
import { verifyWithin } from '../../src/ledger/verify.ts'
import { type Inclusion, verifyInclusion, verifySeal, verifySection } from '../../src/seals/proof.ts'
import { type Sealing, sealDays } from '../../src/seals/sealing.ts'
import { verifyBookSeals, verifySeals } from '../../src/seals/verify.ts'
import { openSigner, type PublicJwk } from '../../src/signing/signing.ts'
import { office } from '../../src/trail/schema.ts'
import { openField } from '../savings/asking.ts'
import { type Holder, type Money, openMoney } from '../savings/money.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { testConfig } from '../support/config.ts'
import { change, changes, columns, tampering } from '../support/tampering.ts'

let service: TestApp
let money: Money
let sealing: Sealing
let keys: PublicJwk[]
/** By the day on which they were recorded. */
const deposits: Record<string, { id: string; sequence: number; hash: string }[]> = {}

async function deposit(holder: Holder, count: number, day: string): Promise<void> {
  for (let n = 0; n < count; n++) {
    const { body } = await money.deposit(holder, '1.00')
    deposits[day] = [...(deposits[day] ?? []), body]
  }
}

beforeAll(async () => {
  service = await testApp()
  sealing = { db: service.db, clock: service.clock, signer: openSigner(testConfig().signingKey) }
  money = await openMoney(service)
  await deposit(money.ana, 5, '2026-03-31')
  // The last millisecond of the day in Lima.
  service.clock.set('2026-04-01T04:59:59.999Z')
  await deposit(money.rosa, 1, '2026-03-31')
  service.clock.set('2026-04-01T05:00:00.000Z')
  await deposit(money.rosa, 2, '2026-04-01')
  service.clock.set('2026-04-03T15:00:00Z')
  expect(await sealDays(sealing)).toBe(1)
  await deposit(money.ana, 3, '2026-04-03')
  service.clock.set('2026-04-05T15:00:00Z')
  keys = (await service.app.inject('/.well-known/jwks.json')).json().keys
}, 60_000)

afterAll(() => service.close())

const inclusion = (id: string) => money.agent.get(`${money.book}/transactions/${id}/inclusion`)

const receiptOf = ({ id, sequence, hash }: { id: string; sequence: number; hash: string }) => ({
  ...{ id, n: sequence, hash },
  book: money.bookId,
})

async function seals() {
  const { body } = await money.administrator.get('/.well-known/seals')
  return body.items.map((one: { seal: object }) => one.seal).reverse()
}

describe('a seal', () => {
  it('is made of each day that is over, once, however often and by however many services it is tried', async () => {
    // The first was of the day before it was looked: what was recorded earlier is of that one.
    expect(await seals()).toMatchObject([{ number: 1, day: '2026-04-02', previous: null }])
    const made = await Promise.all([sealDays(sealing), sealDays(sealing), sealDays(sealing)])
    expect(Math.max(...made)).toBeGreaterThan(0)
    expect(await sealDays(sealing)).toBe(0)
    const found = await seals()
    expect(found.map(({ number, day }: { number: number; day: string }) => [number, day])).toEqual([
      [1, '2026-04-02'],
      [2, '2026-04-03'],
      [3, '2026-04-04'],
    ])
  })

  it('names the one before by its hash, and is signed', async () => {
    const { body } = await money.administrator.get('/.well-known/seals')
    const [last, before] = body.items
    expect(verifySeal(last.signature, keys)).toEqual({ ok: true, keyId: keys[0]!.kid, seal: last.seal })
    const signed = Buffer.from(before.signature.split('.')[1], 'base64url')
    expect(last.seal.previous).toBe(createHash('sha256').update(signed).digest('hex'))
  })

  it('is given to anybody, page by page, by day, and as its signature alone', async () => {
    const first = (await service.app.inject('/.well-known/seals?limit=2')).json()
    expect(first.items).toHaveLength(2)
    const rest = (await service.app.inject(`/.well-known/seals?limit=2&after=${first.next}`)).json()
    expect(rest).toMatchObject({ items: [{ seal: { number: 1 } }], next: null })
    const url = '/.well-known/seals/2026-04-03'
    const json = (await service.app.inject(url)).json()
    expect(json).toEqual(first.items[1])
    const compact = await service.app.inject({ url, headers: { accept: 'application/jose' } })
    expect(compact.headers['content-type']).toBe('application/jose')
    expect(compact.body).toBe(json.signature)
    expect((await service.app.inject('/.well-known/seals/2026-03-31')).json().code).toBe('seal-not-found')
  })

  it('tells a book’s readers where its chains ended that day, and nobody of another book', async () => {
    const bank = await money.as('bank', { books: [money.bookId] })
    const { body } = await bank.get(`${money.book}/seals/2026-04-03`)
    expect(body.section).toMatchObject({ book: money.bookId, day: '2026-04-03', after: 8, through: 11 })
    expect(body.section.hash).toBe(deposits['2026-04-03']![2]!.hash)
    expect(verifySection(body, keys)).toMatchObject({ ok: true, seal: { day: '2026-04-03' } })
    const through = { ...body, section: { ...body.section, through: 12 } }
    expect(verifySection(through, keys)).toEqual({ ok: false, fault: 'the book’s section is not in the seal' })
    const other = await openField(service)
    expect((await bank.get(`${other.book}/seals/2026-04-03`)).body.code).toBe('book-not-found')
    // It was opened later than that.
    expect((await other.administrator.get(`${other.book}/seals/2026-04-03`)).body.code).toBe('seal-not-found')
  })
})

describe('npm run verify-receipt with a proof', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'seals-'))
    await writeFile(join(folder, 'keys.json'), JSON.stringify({ keys }))
  })
  afterAll(() => rm(folder, { recursive: true }))

  async function run(...args: string[]): Promise<{ code: number; out: string }> {
    const program = join(import.meta.dirname, '../../src/verify-receipt.ts')
    return new Promise(resolve =>
      execFile(
        process.execPath,
        [program, '--keys', 'keys.json', ...args],
        { cwd: folder, env: {} },
        (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out: out + err }),
      ),
    )
  }

  it('says in which seal a receipt is, and what speaks against it', async () => {
    const [one, other] = deposits['2026-04-03']!
    const bank = await money.as('bank', { books: [money.bookId] })
    const { body } = await bank.get(`${money.book}/transactions/${one!.id}/receipt`)
    await writeFile(join(folder, 'receipt'), body.signature)
    for (const { id } of [one!, other!]) {
      await writeFile(join(folder, `${id}.json`), JSON.stringify((await inclusion(id)).body))
    }
    for (const day of ['2026-04-02', '2026-04-03']) {
      const headers = { accept: 'application/jose' }
      await writeFile(join(folder, day), (await service.app.inject({ url: `/.well-known/seals/${day}`, headers })).body)
    }
    const right = await run('--proof', `${one!.id}.json`, '--seal', '2026-04-03', 'receipt')
    expect([right.code, right.out]).toEqual([0, expect.stringMatching(/Right: .*\n {2}in seal 2, of 2026-04-03\n$/s)])
    expect(await run('--proof', `${other!.id}.json`, 'receipt')).toEqual({
      ...{ code: 1, out: 'WRONG: the proof is of another transaction than the receipt.\n' },
    })
    expect(await run('--proof', `${one!.id}.json`, '--seal', '2026-04-02', 'receipt')).toEqual({
      ...{ code: 1, out: 'WRONG: the proof is of another seal than the one kept.\n' },
    })
    expect(await run('--proof', 'keys.json', 'receipt')).toEqual({
      code: 2,
      out: 'qullqi: keys.json holds no proof.\n',
    })
    expect((await run('--seal', '2026-04-02', 'receipt')).code).toBe(2)
  })
})

describe('the proof of a transaction', () => {
  it('leads from it to the seal of the day on which it was recorded', async () => {
    for (const [day, sealedOn] of [
      ['2026-03-31', '2026-04-02'],
      ['2026-04-01', '2026-04-02'],
      ['2026-04-03', '2026-04-03'],
    ] as const) {
      for (const one of deposits[day]!) {
        const { status, body } = await inclusion(one.id)
        expect(status).toBe(200)
        const verdict = verifyInclusion(body, receiptOf(one), keys)
        expect(verdict).toMatchObject({ ok: true, seal: { day: sealedOn } })
      }
    }
  })

  it('is not there before the day is over', async () => {
    const { body } = await money.deposit(money.ana, '1.00')
    expect((await inclusion(body.id)).body).toMatchObject({ code: 'transaction-not-sealed', retryable: true })
    expect((await inclusion(uuid())).body.code).toBe('transaction-not-found')
  })

  it('proves nothing for another receipt, by another key, or when anything of it is changed', async () => {
    const [one, other] = deposits['2026-04-03']!
    const { body } = await inclusion(one!.id)
    const fault = (told: Inclusion, receipt = receiptOf(one!), by = keys) => {
      const verdict = verifyInclusion(told, receipt, by)
      return verdict.ok ? null : verdict.fault
    }
    expect(fault(body)).toBeNull()
    expect(fault(body, receiptOf(other!))).toBe('the proof is of another transaction than the receipt')
    const stranger = openSigner(Buffer.alloc(32, 7))
    const { kid } = keys[0]!
    expect(fault(body, receiptOf(one!), [{ ...keys[0]!, x: stranger.publicKey.toString('base64url') }])).toBe(
      'the seal’s signature is wrong: somebody changed or made it',
    )
    expect(fault(body, receiptOf(one!), [])).toBe(`the seal is signed by ${kid}, which is none of the keys`)
    const forged = { ...body, hash: other!.hash }
    expect(fault(forged, { ...receiptOf(one!), hash: other!.hash })).toBe(
      'the transaction is not in the book’s section',
    )
    const zero = '0'.repeat(64)
    for (const part of ['inSection', 'inSeal'] as const) {
      const { path, place } = body[part]
      expect(fault({ ...body, [part]: { ...body[part], path: [...path, zero] } })).not.toBeNull()
      expect(fault({ ...body, [part]: { ...body[part], place: place + 1 } })).not.toBeNull()
    }
    expect(fault({ ...body, section: { ...body.section, root: zero } })).not.toBeNull()
    expect(fault({ ...body, section: { ...body.section, day: '2026-04-04' } })).not.toBeNull()
  })
})

describe('verification', () => {
  async function looked(client: Parameters<typeof tampering>[0], tamper: () => Promise<unknown>) {
    return tampering(client, tamper, async () => {
      const session = sessionOf(client)
      const { faults } = await verifyWithin(session, money.bookId, { most: 20, further: [verifyBookSeals] })
      const ofBook = faults.filter(({ rule, table }) => rule !== 'guard-missing' && table === 'book_seal')
      const ofSeals = (await verifySeals(session)).faults
      return { ofBook, ofSeals }
    })
  }

  it('finds seals right, and any field of any of them that was changed', async () => {
    const client = await service.owner.$client.connect()
    try {
      expect(await looked(client, async () => {})).toEqual({ ofBook: [], ofSeals: [] })
      const missed: string[] = []
      let count = 0
      for (const one of await columns(client, ['seal', 'book_seal'])) {
        const some = `select ctid::text from ${one.table} order by ctid limit 2`
        const { rows } = await client.query<{ ctid: string }>(some)
        for (const { ctid } of rows) {
          // The first seal names none before it.
          const isKept = `${one.column} is not null`
          const { rowCount } = await client.query(`select from ${one.table} where ctid = $1 and ${isKept}`, [ctid])
          if (rowCount === 0) continue
          for (const tried of changes({ ...one, nullable: false })) {
            // The next day has a seal of its own.
            const candidates = one.type === 'date' ? [`${one.column} + 1000`] : tried
            const found = await looked(client, async () => {
              for (const sql of candidates) {
                const text = `update "${one.table}" set ${one.column} = ${sql} where ctid = $1`
                if ((await change(client, text, [ctid])) === 'done') return
              }
              throw new Error(`${one.table}.${one.column} could not be changed`)
            })
            count += 1
            if (found.ofBook.length + found.ofSeals.length === 0) missed.push(`${one.table}.${one.column} of ${ctid}`)
          }
        }
      }
      expect(missed).toEqual([])
      expect(count).toBeGreaterThan(25)
    } finally {
      client.release()
    }
  }, 60_000)

  it('finds the end of an audit log that was cut off, or written anew with its head, after it was sealed', async () => {
    const client = await service.owner.$client.connect()
    const cut = (bookId: string) => async () => {
      await client.query('delete from audit_entry where book_id = $1 and number > 3', [bookId])
      await client.query(
        `update audit_head h set number = 3, hash = (select hash from audit_entry e where e.book_id = h.book_id and e.number = 3)
         where h.book_id = $1`,
        [bookId],
      )
    }
    const anew = (bookId: string) => () =>
      client.query(`update audit_entry set hash = sha256(hash) where book_id = $1`, [bookId])
    try {
      for (const tamper of [cut, anew]) {
        const ofBook = await looked(client, tamper(money.bookId))
        expect(ofBook.ofBook.map(({ field }) => field)).toContain('1: audit_hash')
        expect(ofBook.ofSeals).toEqual([])
        const ofOffice = await looked(client, tamper(office))
        const fault = 'it ends the audit log of the office where that has no entry'
        expect(ofOffice.ofSeals).toContainEqual({ seal: '1 of 2026-04-02', fault })
      }
    } finally {
      client.release()
    }
  })

  it('finds a seal or a section that was taken away, and a history that was written anew after it was sealed', async () => {
    const client = await service.owner.$client.connect()
    try {
      const gone = await looked(client, () => client.query('delete from seal where number = 2'))
      expect(gone.ofSeals).toContainEqual({ seal: '3 of 2026-04-04', fault: 'seal 2 is missing before it' })
      const section = await looked(client, () => client.query('delete from book_seal where number = 3'))
      expect(section.ofBook).toMatchObject([{ rule: 'record-missing', table: 'book_seal', field: '3' }])
      expect(section.ofSeals).toEqual([{ seal: '3 of 2026-04-04', fault: 'its sections are not those it was made of' }])
      const anew = await looked(client, () =>
        client.query(`update transaction set hash = sha256(hash) where sequence between 9 and 11`),
      )
      expect(anew.ofBook.map(({ field }) => field)).toEqual(expect.arrayContaining(['2: hash', '2: root']))
      const earlier = await looked(client, () =>
        client.query(`update transaction set recorded_at = recorded_at - interval '1 day' where sequence = 9`),
      )
      expect(earlier.ofBook.map(({ field }) => field)).toContain('1: through')
    } finally {
      client.release()
    }
  })
})
