import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sqlState } from '../../src/db/errors.ts'
import { type Answer, type Field, newSaver, openField } from '../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'

const head = 'household,bimester,status,amount,firstChildhood,secondarySchool'

let service: TestApp
let key: string
beforeAll(async () => {
  service = await testApp({ clock: testClock('2026-09-01T15:00:00Z') })
  key = await service.key('administrator')
})
afterAll(async () => service.close())

/** A book whose savers live in these households. */
async function book(...households: string[]): Promise<Field> {
  const field = await openField(service)
  for (const householdReference of households) await newSaver(field, { householdReference })
  return field
}

async function send(
  field: Field,
  csv: string | Buffer,
  { corrects = false, id, more = '' }: { corrects?: boolean; id?: string; more?: string } = {},
): Promise<Answer> {
  const answer = await service.app.inject({
    method: 'POST',
    url: `${field.book}/household-period-files?corrects=${corrects}${more}`,
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'text/csv',
      ...(id !== undefined && { 'idempotency-key': id }),
    },
    payload: csv,
  })
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
}

const lines = (...rows: string[]) => [head, ...rows, ''].join('\n')

async function told(field: Field, household: string) {
  const { body } = await field.administrator.get(`${field.book}/household-periods?household=${household}`)
  return body.items.map(({ bimester, revision, status, amount, isLast, row }: Record<string, unknown>) =>
    [bimester, revision, status, amount, isLast ? 'holds' : 'held', row].join(' '),
  )
}

describe('a file of households’ periods', () => {
  it('is taken in whole, and read by file and by household', async () => {
    const field = await book('H-1', 'H-2')
    const file = lines(
      'H-1,2026-B1,MET,200.00,100.00,',
      'H-2,2026-B1,FAILED,0,,',
      '',
      'H-1,2026-B2,WAIVED,200.00,,160.00',
    )
    const { status, body } = await send(field, file)
    expect(status).toBe(201)
    expect(body).toMatchObject({ lines: 3, added: 3, corrected: 0, unchanged: 0, corrects: false, replayed: false })
    const summary = await (await field.as('analyst')).get(`${field.book}/household-period-files/${body.id}`)
    expect(summary.body.byPeriod).toEqual([
      {
        ...{ bimester: '2026-B1', status: 'FAILED', households: 1 },
        ...{ amount: '0.00', firstChildhood: '0.00', secondarySchool: '0.00' },
      },
      {
        ...{ bimester: '2026-B1', status: 'MET', households: 1 },
        ...{ amount: '200.00', firstChildhood: '100.00', secondarySchool: '0.00' },
      },
      {
        ...{ bimester: '2026-B2', status: 'WAIVED', households: 1 },
        ...{ amount: '200.00', firstChildhood: '0.00', secondarySchool: '160.00' },
      },
    ])
    expect(await told(field, 'H-1')).toEqual(['2026-B1 0 MET 200.00 holds 2', '2026-B2 0 WAIVED 200.00 holds 5'])
    const files = await (await field.as('auditor')).get(`${field.book}/household-period-files`)
    expect(files.body.items).toMatchObject([{ id: body.id, sha256: body.sha256 }])
  })

  it('with anything wrong keeps nothing, and tells every problem by row, field and why', async () => {
    const field = await book('H-1', 'H-2')
    const known = await send(field, lines('H-1,2026-B1,MET,200.00,,', 'H-2,2026-B1,MET,200.00,,'))
    const answer = await send(
      field,
      lines(
        'H-1,2026-B2,MET,200.00,,',
        'H-9,2026-B2,MET,200.00,,',
        'H-1,2026-B2,WAIVED,200.00,,',
        'H-1,2026-B1,FAILED,200.00,,',
        'H-2,2026-B1,MET,200.00,,80.00',
        'H-2,2026-B2,met,-200.00,12.345,1e3',
        'H-8,2026-B7,MET,,,',
        ',2026-01,,200,,,x',
        'H-2,2026-B6,MET,200,,',
      ),
    )
    expect(answer).toMatchObject({ status: 422, body: { code: 'file-refused' } })
    expect(answer.body.detail).toBe('8 of 9 lines were refused; nothing was kept.')
    const amount = 'must be a decimal string such as "12.50", at most 13 digits before the point and 2 after'
    const otherwise = (row: number) =>
      `was told otherwise in row ${row} of file ${known.body.id}, and this file does not correct`
    const bimester = 'must be a bimester such as 2026-B1, which is January and February'
    const { problems } = answer.body.facts
    expect(problems.map(({ row, field, message }: Record<string, unknown>) => [row, field, message])).toEqual([
      [3, 'household', 'is the household of no saver in this book'],
      [4, 'bimester', 'is told of this household in row 2 already'],
      [5, 'status', otherwise(2)],
      [6, 'secondarySchool', otherwise(3)],
      [7, 'status', 'must be one of MET, FAILED, WAIVED'],
      [7, 'amount', 'must not be negative'],
      [7, 'firstChildhood', amount],
      [7, 'secondarySchool', amount],
      [8, 'household', 'is the household of no saver in this book'],
      [8, 'bimester', bimester],
      [8, 'amount', 'is needed; 0 when nothing was paid'],
      [9, null, 'has more cells than the head has columns'],
      [9, 'household', 'is needed'],
      [9, 'bimester', bimester],
      [9, 'status', 'is needed'],
      [10, 'bimester', 'has not begun yet'],
    ])
    expect(answer.body.facts).toMatchObject({ lines: 9, refusedLines: 8, problemCount: 16, notListed: 0 })
    expect(await told(field, 'H-1')).toEqual(['2026-B1 0 MET 200.00 holds 2'])
  })

  it('of a whole district is taken without the households of which nobody saves here, when it asks for that', async () => {
    const field = await book('H-1', 'H-2')
    const more = '&unknownHouseholds=leave-out'
    const file = lines('H-1,2026-B1,MET,200.00,,', 'H-8,2026-B1,MET,200.00,,', 'H-9,2026-B1,FAILED,0,,')
    expect((await send(field, file)).body.code).toBe('file-refused')
    const counts = { lines: 3, added: 1, corrected: 0, unchanged: 0, leftOut: 2 }
    const { status, body } = await send(field, file, { more })
    expect([status, body]).toMatchObject([201, counts])
    expect(await send(field, file, { more })).toMatchObject({ status: 200, body: { ...counts, id: body.id } })
    expect(await told(field, 'H-1')).toEqual(['2026-B1 0 MET 200.00 holds 2'])
    // What is wrong with a line is told though it would be left out, and a household without a number is none.
    const wrong = lines('H-8,2026-B1,met,200.00,,', ',2026-B1,MET,200.00,,', 'H-2,2026-B1,MET,1.00,,')
    const { facts } = (await send(field, wrong, { more })).body
    expect(facts.problems.map(({ row, field }: Record<string, unknown>) => [row, field])).toEqual([
      [2, 'status'],
      [3, 'household'],
    ])
    // Who is registered later is told of by the same file again, under an id of its own.
    await newSaver(field, { householdReference: 'H-8' })
    const later = await send(field, file, { more, id: uuid() })
    expect(later.body).toMatchObject({ lines: 3, added: 1, unchanged: 1, leftOut: 1 })
    const listed = await field.administrator.get(`${field.book}/household-period-files`)
    expect(listed.body.items.map(({ leftOut }: { leftOut: number }) => leftOut).sort()).toEqual([1, 2])
  })

  it('lists a hundred problems, counts all, and does not drown what is wrong with a line in what is wrong with all', async () => {
    const field = await book('H-1')
    const rows = Array.from({ length: 1500 }, (_, n) => `U-${n % 500},2026-B${Math.floor(n / 500) + 1},MET,200,,`)
    const file = lines(...rows, 'H-1,2026-B1,MET,-1,,', 'U-7,2026-B4,PAID,200,,')
    const { facts } = (await send(field, file)).body
    expect(facts).toMatchObject({ lines: 1502, refusedLines: 1502, problemCount: 502, notListed: 402 })
    expect(facts.problems).toHaveLength(100)
    // Each household is told of once, with how many lines are of it.
    const message = 'is the household of no saver in this book'
    expect(facts.problems[0]).toEqual({ row: 2, field: 'household', message, lines: 3 })
    expect(facts.problems[7]).toEqual({ row: 9, field: 'household', message, lines: 4 })
    expect(facts.problems.slice(97)).toMatchObject([
      { row: 99, field: 'household' },
      { row: 1502, field: 'amount' },
      { row: 1503, field: 'status' },
    ])
  })

  it('again is a replay, by its content or by its id, and an id is of one content', async () => {
    const field = await book('H-1')
    const file = lines('H-1,2026-B1,MET,200.00,,')
    const first = await send(field, file)
    expect(await send(field, file)).toMatchObject({ status: 200, body: { ...first.body, replayed: true } })
    const id = uuid()
    const second = await send(field, file, { id })
    expect(second).toMatchObject({ status: 201, body: { id, added: 0, unchanged: 1 } })
    expect((await send(field, file, { id })).status).toBe(200)
    expect(await send(field, lines('H-1,2026-B1,FAILED,0,,'), { id })).toMatchObject({ body: { code: 'id-reused' } })
    expect(await told(field, 'H-1')).toEqual(['2026-B1 0 MET 200.00 holds 2'])
  })

  it('again undoes no correction that came since, unless it has an id of its own', async () => {
    const field = await book('H-1')
    const [met, failed] = [lines('H-1,2026-B1,MET,200.00,,'), lines('H-1,2026-B1,FAILED,0,,')]
    const corrects = true
    await send(field, met, { corrects })
    await send(field, failed, { corrects })
    expect((await send(field, met, { corrects })).body.replayed).toBe(true)
    expect((await told(field, 'H-1')).at(-1)).toBe('2026-B1 1 FAILED 0.00 holds 2')
    expect((await send(field, met, { corrects, id: uuid() })).body).toMatchObject({ corrected: 1, replayed: false })
    expect((await told(field, 'H-1')).at(-1)).toBe('2026-B1 2 MET 200.00 holds 2')
  })

  it('that says nothing of what was paid beside the amount takes nothing of it back; 0 does', async () => {
    const field = await book('H-1')
    await send(field, lines('H-1,2026-B1,MET,200.00,100.00,80.00'))
    expect((await send(field, lines('H-1,2026-B1,MET,200.00,,'))).body).toMatchObject({ unchanged: 1 })
    const blank = await send(field, lines('H-1,2026-B1,WAIVED,200.00,,'), { corrects: true })
    expect(blank.body).toMatchObject({ corrected: 1 })
    await send(field, lines('H-1,2026-B1,WAIVED,200.00,,0'), { corrects: true })
    const { items } = (await field.administrator.get(`${field.book}/household-periods?household=H-1`)).body
    expect(
      items.map(
        ({ firstChildhood, secondarySchool }: Record<string, string>) => `${firstChildhood} ${secondarySchool}`,
      ),
    ).toEqual(['100.00 80.00', '100.00 80.00', '100.00 0.00'])
  })

  it('of a time before JUNTOS is refused', async () => {
    const field = await book('H-1')
    const { facts } = (await send(field, lines('H-1,1955-B1,MET,200,,', 'H-1,2004-B6,MET,200,,'))).body
    expect(facts.problems.map(({ row, message }: Record<string, unknown>) => [row, message])).toEqual([
      [2, 'lies before JUNTOS began, in 2005'],
      [3, 'lies before JUNTOS began, in 2005'],
    ])
    expect((await send(field, lines('H-1,2005-B1,MET,200,,'))).status).toBe(201)
  })

  it('that corrects adds a revision to what it tells otherwise, and leaves what was told', async () => {
    const field = await book('H-1', 'H-2')
    await send(field, lines('H-1,2026-B1,FAILED,0,,', 'H-2,2026-B1,MET,200.00,,'))
    const correction = lines('H-1,2026-B1,MET,200.00,,', 'H-2,2026-B1,MET,200.00,,', 'H-2,2026-B2,MET,200.00,,')
    expect((await send(field, correction)).body.code).toBe('file-refused')
    const { body } = await send(field, correction, { corrects: true })
    expect(body).toMatchObject({ lines: 3, added: 1, corrected: 1, unchanged: 1, corrects: true })
    expect(await told(field, 'H-1')).toEqual(['2026-B1 0 FAILED 0.00 held 2', '2026-B1 1 MET 200.00 holds 2'])
    expect((await send(field, correction, { corrects: true })).body.replayed).toBe(true)
    for (const change of ["set status = 'MET'", null]) {
      const statement = change === null ? 'delete from household_period' : `update household_period ${change}`
      expect(sqlState(await service.owner.$client.query(statement).catch(error => error))).toBe('QL901')
    }
  })

  it('may be a spreadsheet’s: semicolons, decimal commas, quotes, a byte order mark', async () => {
    const field = await book('H-1')
    const file = '\uFEFFbimester;household;amount;status\r\n2026-B1;"H-1";200,50;MET\r\n;;;\r\n'
    expect((await send(field, file)).status).toBe(201)
    expect(await told(field, 'H-1')).toEqual(['2026-B1 0 MET 200.50 holds 2'])
    const broken = await send(field, 'household,period,status,amount\nH-1,2026-B1,MET,1\n')
    expect(broken).toMatchObject({ status: 400, body: { fields: [{ path: 'row 1' }] } })
    expect((await send(field, `${head}\nH-1,"2026-B1,MET,1,,\n`)).body.detail).toContain('near row 2')
    expect(await send(field, `${head}\n`)).toMatchObject({ status: 400 })
    expect(await send(field, '')).toMatchObject({ status: 400 })
  })

  it('may be a list in JSON, told of by place', async () => {
    const field = await book('H-1')
    const address = `${field.book}/household-period-files`
    const period = { household: 'H-1', bimester: '2026-B1', status: 'MET', amount: '200.00' }
    const wrong = await field.administrator.post(address, { periods: [period, { ...period, status: 'PAID' }] })
    expect(wrong.body.facts.problems).toMatchObject([
      { row: 2, field: 'status' },
      { row: 2, field: 'bimester' },
    ])
    const id = uuid()
    expect(await field.administrator.post(address, { id, periods: [period] })).toMatchObject({ status: 201 })
    expect(await field.administrator.post(address, { id, periods: [period] })).toMatchObject({ status: 200 })
  })

  it('is for administrators to send and for analysts and auditors to read', async () => {
    const field = await book('H-1')
    const [analyst, bank] = [await field.as('analyst'), await field.as('bank')]
    expect((await analyst.post(`${field.book}/household-period-files`, { periods: [] })).status).toBe(403)
    expect((await bank.get(`${field.book}/household-period-files`)).status).toBe(403)
    expect((await analyst.get(`${field.book}/household-period-files/${uuid()}`)).body.code).toBe(
      'period-file-not-found',
    )
    expect((await analyst.get(`/v1/books/${uuid()}/household-periods?household=H-1`)).status).toBe(404)
  })

  it('at the same time as another that tells the same is taken as if after it', async () => {
    const field = await book('H-1', 'H-2')
    const rows = ['H-1,2026-B1,MET,200.00,,', 'H-2,2026-B1,MET,200.00,,', 'H-1,2026-B2,MET,200.00,,']
    const answers = await Promise.all([rows, rows.toReversed(), rows.slice(1)].map(some => send(field, lines(...some))))
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(answers.reduce((sum, { body }) => sum + body.added, 0)).toBe(3)
  })
})

describe('a file of 200,000 lines', () => {
  const households = 40_000
  const rows = (change: Record<number, string> = {}) => {
    const text = [head]
    for (let n = 0; n < households * 5; n++) {
      text.push(change[n] ?? `H-${n % households},2025-B${Math.floor(n / households) + 1},MET,200.00,,`)
    }
    return text.join('\n')
  }

  it('with errors in three of them is answered in seconds with these three, and without them is taken', async () => {
    const field = await book()
    await service.owner.$client.query(
      `insert into saver (book_id, id, person, identified, given_names, family_names, sex, district_code, household_reference,
         registered_on, recorded_at, actor, content_hash)
       select $1, gen_random_uuid(), sha256(n::text::bytea), false, 'Ana', 'Quispe', 'female', '080101', 'H-' || n, '2026-01-12', now(), 't', ''
       from generate_series(0, $2 - 1) n`,
      [field.bookId, households],
    )
    const wrong = {
      7: 'H-7,2025-B1,MET,-5,,',
      100000: 'H-NONE,2025-B3,MET,200,,',
      199999: 'H-39999,2025-B5,PAID,200,,',
    }
    const started = performance.now()
    const refused = await send(field, rows(wrong))
    const seconds = (performance.now() - started) / 1000
    expect(refused.body.facts).toMatchObject({
      lines: 200_000,
      problemCount: 3,
      problems: [
        { row: 9, field: 'amount' },
        { row: 100_002, field: 'household' },
        { row: 200_001, field: 'status' },
      ],
    })
    expect(seconds).toBeLessThan(60)
    const taken = await send(field, rows())
    expect(taken.body).toMatchObject({ lines: 200_000, added: 200_000 })
    expect(await told(field, 'H-39999')).toHaveLength(5)
  }, 240_000)
})
