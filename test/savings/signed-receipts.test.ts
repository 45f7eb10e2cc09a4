import { execFile } from 'node:child_process'
import { createPublicKey, verify } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bank, own } from '../../src/savings/chart.ts'
import { verifyReceipt } from '../../src/savings/receipts/signed.ts'
import { jwkOf, openSigner } from '../../src/signing/signing.ts'
import { textOfPdf } from '../incentives/paper.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { readPdf, readSvg } from './codes.ts'
import { type Holder, type Money, newHolder, openMoney } from './money.ts'

let service: TestApp
let money: Money
let ana: Holder
let keys: { x: string; kid: string }[]
beforeAll(async () => {
  service = await testApp()
  money = await openMoney(service)
  ana = await newHolder(money, money.ana.saverId, { bankAccountNumber: '110-01-2345678' })
  keys = (await service.app.inject('/.well-known/jwks.json')).json().keys
})
afterAll(() => service.close())

async function receipt(id: string, accept = 'application/jose') {
  const authorization = `Bearer ${await service.key('bank')}`
  const url = `${money.book}/transactions/${id}/receipt`
  return service.app.inject({ url, headers: { authorization, accept } })
}

async function deposited(amount = '12.50'): Promise<{ id: string; jws: string }> {
  const { body } = await money.deposit(ana, amount)
  return { id: body.id, jws: (await receipt(body.id)).body }
}

describe('a signed receipt', () => {
  it('holds by the service’s published key, and says what the receipt says for ever', async () => {
    const { id, jws } = await deposited()
    const told = (await receipt(id, 'application/json')).json()
    expect(told.signature).toBe(jws)
    const [head, text, signature] = jws.split('.') as [string, string, string]
    const key = createPublicKey({ key: keys[0]!, format: 'jwk' })
    expect(verify(null, Buffer.from(`${head}.${text}`), key, Buffer.from(signature, 'base64url'))).toBe(true)
    const [said, claims] = [head, text].map(part => JSON.parse(Buffer.from(part, 'base64url').toString()))
    expect(said).toEqual({ alg: 'EdDSA', kid: keys[0]!.kid, typ: 'qullqi-receipt' })
    expect(claims).toEqual({
      ...{ id, book: money.bookId, n: told.sequence, hash: told.hash, name: 'Caja Cusco, soles', kind: 'deposit' },
      ...{ day: '2026-03-14', at: told.recordedAt, cur: 'PEN' },
      lines: [
        {
          ...{ who: 'J. C. H.', acc: '…5678', money: 'own', way: 'credit', amt: '12.50' },
          left: told.lines[0].balanceAfter,
        },
      ],
    })
    expect(verifyReceipt(jws, keys)).toEqual({ ok: true, keyId: keys[0]!.kid, claims })
  })

  it('is the same whenever it is asked for, also when its movement was reversed since', async () => {
    const { id, jws } = await deposited()
    const reversal = { id: uuid(), valueDate: '2026-03-20', reason: 'twice' }
    await money.administrator.post(`${money.book}/transactions/${id}/reversal`, reversal)
    const again = (await receipt(id, 'application/json')).json()
    expect([again.reversedBy, again.signature]).toEqual([reversal.id, jws])
  })

  it('is read by a phone from the code on the screen and from the code on the paper', async () => {
    const { id, jws } = await deposited()
    const screen = await receipt(id, 'image/svg+xml')
    expect([screen.headers['content-type'], readSvg(screen.body)]).toEqual(['image/svg+xml', jws])
    const paper = await receipt(id, 'application/pdf')
    expect([paper.headers['content-type'], readPdf(paper.rawPayload)]).toEqual(['application/pdf', jws])
    const [text] = textOfPdf(paper.rawPayload)
    expect(text).toContain('Entra                           S/ 12.50')
    expect(text).not.toMatch(/Juana|Condori/)
  })

  it('of a movement between two accounts is read as well', async () => {
    await deposited()
    const other = await newHolder(money, ana.saverId)
    const between = { fromSavingsAccountId: ana.accountId, toSavingsAccountId: other.accountId }
    const moved = await money.move('transfers', { ...between, amount: '1.00' })
    expect(moved.status).toBe(201)
    const jws = (await receipt(moved.body.id)).body
    expect(readSvg((await receipt(moved.body.id, 'image/svg+xml')).body)).toBe(jws)
    expect(verifyReceipt(jws, keys)).toMatchObject({
      ok: true,
      claims: { lines: [{ way: 'debit' }, { way: 'credit' }] },
    })
  })

  it('says whose it is by what is known when it is asked for, and all else alike', async () => {
    const rosa = await newHolder(money)
    const { body } = await money.deposit(rosa, '4.00')
    const before = verifyReceipt((await receipt(body.id)).body, keys)
    const correction = { id: uuid(), saverId: rosa.saverId, reason: 'mistake', changes: { familyNames: 'Zela' } }
    expect((await money.agent.post(`${money.book}/saver-corrections`, correction)).status).toBe(201)
    const after = verifyReceipt((await receipt(body.id)).body, keys)
    if (!before.ok || !after.ok) throw new Error('not right')
    expect([before, after].map(({ claims }) => claims.lines[0]!.who)).toEqual(['J. C. H.', 'J. Z.'])
    after.claims.lines[0]!.who = before.claims.lines[0]!.who
    expect(after.claims).toEqual(before.claims)
  })

  it('with more lines than a code holds is printed without one, and refused as one', async () => {
    const holders = [ana]
    while (holders.length < 20) holders.push(await newHolder(money))
    const book = async (count: number) => {
      const credits = holders.slice(0, count).map(({ accountId }) => ({
        ...{ accountId: own(accountId), direction: 'credit', amount: '1.00' },
      }))
      const debit = { accountId: bank(money.bookId), direction: 'debit', amount: `${count}.00` }
      const draft = { id: uuid(), kind: 'opening-balance', valueDate: '2026-03-14', entries: [debit, ...credits] }
      expect((await money.administrator.post(`${money.book}/transactions`, draft)).status).toBe(201)
      return draft.id
    }
    const [few, many] = [await book(15), await book(20)]
    expect(readSvg((await receipt(few, 'image/svg+xml')).body)).toBe((await receipt(few)).body)
    const refused = await receipt(many, 'image/svg+xml')
    expect(refused.headers['content-type']).toMatch('application/problem+json')
    expect([refused.statusCode, refused.json().code]).toEqual([422, 'receipt-too-long'])
    const paper = await receipt(many, 'application/pdf')
    expect(paper.statusCode).toBe(200)
    expect(textOfPdf(paper.rawPayload)[0]).toContain('Saldo de apertura')
    expect(verifyReceipt((await receipt(many)).body, keys)).toMatchObject({ ok: true })
  })

  it('outlives its key: what was signed before is checked by the published keys after', async () => {
    const { jws } = await deposited()
    const { rows } = await service.owner.$client.query<{ id: string }>('select id from signing_key')
    expect(rows.map(({ id }) => id)).toContain(keys[0]!.kid)
    const { body } = await service.app.inject('/.well-known/jwks.json')
    expect(verifyReceipt(jws, JSON.parse(body).keys).ok).toBe(true)
  })
})

describe('a receipt that is not right', () => {
  const swapped = (jws: string, change: (claims: { lines: { amt: string }[] }) => void): string => {
    const [head, text, signature] = jws.split('.')
    const claims = JSON.parse(Buffer.from(text!, 'base64url').toString())
    change(claims)
    return [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
  }
  const forger = openSigner(Buffer.alloc(32, 7))
  const withHead = (jws: string, head: object): string =>
    [Buffer.from(JSON.stringify(head)).toString('base64url'), ...jws.split('.').slice(1)].join('.')
  const textOf = (jws: string) => Buffer.from(jws.split('.')[1]!, 'base64url').toString()

  /** 64 bytes leave four bits of the last letter unused. */
  const otherwise = (jws: string): string => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    return jws.slice(0, -1) + letters[letters.indexOf(jws.at(-1)!) + 1]!
  }

  const changed = 'its signature is wrong: somebody changed or made it'
  it.each<[string, (jws: string) => string, string]>([
    ['of another amount', jws => swapped(jws, claims => (claims.lines[0]!.amt = '9012.50')), changed],
    [
      'signed by another',
      jws => forger.sign('qullqi-receipt', textOf(jws)),
      `it is signed by ${forger.keyId}, which is none of the keys`,
    ],
    [
      'signed by another in the service’s name',
      jws => {
        const [, text, signature] = forger.sign('qullqi-receipt', textOf(jws)).split('.')
        return [jws.split('.')[0], text, signature].join('.')
      },
      changed,
    ],
    ['without a signature', jws => withHead(jws, { alg: 'none', kid: keys[0]!.kid }), changed],
    [
      'with the forger’s key inside',
      jws => withHead(jws, { alg: 'EdDSA', jwk: jwkOf(forger.publicKey), kid: keys[0]!.kid, typ: 'qullqi-receipt' }),
      changed,
    ],
    ['cut short', jws => jws.slice(0, -4), changed],
    ['spelt otherwise, with bits that are none of it', jws => otherwise(jws), changed],
    ['that is some other text', () => 'S/ 12.50', 'it is not signed'],
    ['of no key', jws => withHead(jws, { alg: 'EdDSA' }), 'it is signed by nobody, which is none of the keys'],
  ])('%s is told by name', async (_, spoiled, fault) => {
    const { jws } = await deposited()
    expect(verifyReceipt(spoiled(jws), keys)).toEqual({ ok: false, fault })
  })

  it('signed as something else by the same key is no receipt', () => {
    const own = openSigner(Buffer.alloc(32, 9))
    const known = [jwkOf(own.publicKey)]
    expect(verifyReceipt(own.sign('qullqi-release', '{}'), known)).toEqual({ ok: false, fault: changed })
    expect(verifyReceipt(own.sign('qullqi-receipt', '{}'), known)).toEqual({
      ...{ ok: false, fault: 'it is signed, and is no receipt' },
    })
    expect(verifyReceipt(own.sign('qullqi-receipt', 'x'), known).ok).toBe(false)
  })
})

describe('npm run verify-receipt', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'receipts-'))
    await writeFile(join(folder, 'keys.json'), JSON.stringify({ keys }))
  })
  afterAll(() => rm(folder, { recursive: true }))

  /** Runs the program without any address of a database or a service. */
  function run(args: string[], input = ''): Promise<{ code: number; out: string; err: string }> {
    const program = join(import.meta.dirname, '../../src/verify-receipt.ts')
    return new Promise(resolve => {
      const child = execFile(process.execPath, [program, ...args], { cwd: folder, env: {} }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, err }),
      )
      child.stdin!.end(input)
    })
  }

  it('says what a right receipt tells, given as a text, as a file and as input', async () => {
    const { id, jws } = await deposited('7.25')
    const { code, out, err } = await run(['--keys', 'keys.json', jws])
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^Right: signed by /)
    expect(out).toMatch(/deposit of 2026-03-14 in Caja Cusco, soles/)
    expect(out).toMatch(/in PEN 7\.25, J\. C\. H\., …5678, own; PEN /)
    expect(out).toContain(id)
    await writeFile(join(folder, 'receipt.txt'), `${jws}\n`)
    expect(await run(['--keys', 'keys.json', 'receipt.txt'])).toEqual({ code: 0, out, err: '' })
    expect(await run(['--keys', 'keys.json', '-'], jws)).toEqual({ code: 0, out, err: '' })
    const wrapped = jws.replaceAll(/.{76}/g, '$&\n')
    expect(await run(['--keys', 'keys.json', '-'], wrapped)).toEqual({ code: 0, out, err: '' })
    const whole = (await receipt(id, 'application/json')).body
    expect(await run(['--keys', 'keys.json', '-'], whole)).toEqual({ code: 0, out, err: '' })
    const others = [{ kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'theirs' }, ...keys]
    await writeFile(join(folder, 'more.json'), JSON.stringify({ keys: others }))
    expect(await run(['--keys', 'more.json', jws])).toEqual({ code: 0, out, err: '' })
  })

  it('says what is wrong and ends with 1', async () => {
    const { jws } = await deposited()
    const { code, out } = await run(['--keys', 'keys.json', jws.slice(0, -6)])
    expect([code, out]).toEqual([1, 'WRONG: its signature is wrong: somebody changed or made it.\n'])
  })

  it.each([
    [['x'], /say with --keys by which keys/],
    [['--keys', 'keys.json'], /say which receipt/],
    [['--keys', 'none.json', 'keys.json'], /none\.json cannot be read \(ENOENT\)/],
    [['--keys', 'receipt.txt', 'keys.json'], /holds no keys of this service/],
    [['--keys', 'keys.json', 'keys.json'], /keys\.json holds no signed receipt/],
    [['--keys', 'keys.json', 'none.txt'], /none\.txt cannot be read \(ENOENT\)/],
  ])('asked with %j says what it lacks and ends with 2', async (args, message) => {
    const { code, err } = await run(args)
    expect(code).toBe(2)
    expect(err).toMatch(message)
  })
})
