import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { type Field, newSaver, openField } from './asking.ts'

let service: TestApp
let field: Field

beforeAll(async () => {
  service = await testApp()
  field = await openField(service)
})

afterAll(() => service.close())

async function newGroup(members = 0): Promise<{ groupId: string; savers: string[] }> {
  const groupId = uuid()
  const body = {
    id: groupId,
    code: groupId.slice(-12),
    name: 'Sumaq Warmi',
    districtCode: '080101',
    formedOn: '2026-01-10',
  }
  expect((await field.agent.post(`${field.book}/groups`, body)).status).toBe(201)
  const savers = []
  for (let index = 0; index < members; index++) {
    const saverId = await newSaver(field)
    expect((await join(groupId, saverId)).status).toBe(201)
    savers.push(saverId)
  }
  return { groupId, savers }
}

function join(groupId: string, saverId: string, more: object = {}) {
  return field.agent.post(`${field.book}/memberships`, {
    id: uuid(),
    groupId,
    saverId,
    startsOn: '2026-01-12',
    ...more,
  })
}

function leave(membershipId: string, endsOn: string) {
  return field.agent.post(`${field.book}/membership-ends`, { membershipId, endsOn })
}

function coordinate(groupId: string, saverId: string, startsOn: string, id = uuid()) {
  return field.agent.post(`${field.book}/coordinations`, { id, groupId, saverId, startsOn })
}

function group(groupId: string) {
  return field.agent.get(`${field.book}/groups/${groupId}`)
}

test('a group is formed once, under a code of its own', async () => {
  const body = { id: uuid(), code: 'GR-1', name: 'Sumaq Warmi', districtCode: '080101', formedOn: '2026-01-10' }
  const ask = (more: object = {}) => field.agent.post(`${field.book}/groups`, { ...body, ...more })
  expect(await ask()).toMatchObject({
    status: 201,
    body: { members: 0, ready: false, coordinatorId: null, meetingPlace: null },
  })
  expect(await ask()).toMatchObject({ status: 200, body: { replayed: true } })
  expect(await ask({ name: 'Other' })).toMatchObject({ status: 409, body: { code: 'id-reused' } })
  expect(await ask({ id: uuid() })).toMatchObject({ status: 409, body: { code: 'code-taken' } })
  expect(await ask({ id: uuid(), code: 'GR-2', formedOn: '2026-04-01' })).toMatchObject({
    body: { code: 'date-in-future' },
  })
})

test('a group is ready with ten members and takes no twenty-sixth', async () => {
  const { groupId, savers } = await newGroup(9)
  expect((await group(groupId)).body).toMatchObject({ members: 9, ready: false })
  await join(groupId, await newSaver(field))
  expect((await group(groupId)).body).toMatchObject({ members: 10, ready: true })
  const more = await Promise.all(Array.from({ length: 17 }, () => newSaver(field)))
  const answers = await Promise.all(more.map(saverId => join(groupId, saverId)))
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(15)
  for (const { status, body } of answers.filter(({ status }) => status !== 201)) {
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'group-full' })
  }
  expect((await group(groupId)).body).toMatchObject({ members: 25, ready: true })
  // Somebody's time that is over does not count against those who come after it.
  const [membership] = (await field.agent.get(`${field.book}/memberships?saverId=${savers[0]}`)).body.items
  await leave(membership.id, '2026-02-10')
  const last = await newSaver(field)
  expect((await join(groupId, last, { startsOn: '2026-02-10' })).body.code).toBe('group-full')
  expect((await join(groupId, last, { startsOn: '2026-02-11' })).status).toBe(201)
})

test('a saver is in one group at a time, also when two groups take her at once', async () => {
  const [one, other] = [await newGroup(), await newGroup()]
  const saverId = await newSaver(field)
  const answers = await Promise.all([join(one.groupId, saverId), join(other.groupId, saverId)])
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409])
  const refused = answers.find(({ status }) => status === 409)
  const made = answers.find(({ status }) => status === 201)
  expect(refused?.body).toMatchObject({
    code: 'period-overlaps',
    facts: { membershipId: made?.body.id, startsOn: '2026-01-12', endsOn: null },
  })
  await leave(made?.body.id, '2026-02-28')
  expect((await join(other.groupId, saverId, { startsOn: '2026-02-28' })).body.code).toBe('period-overlaps')
  expect((await join(other.groupId, saverId, { startsOn: '2026-03-01' })).status).toBe(201)
  expect((await join(one.groupId, saverId, { startsOn: '2026-01-10', endsOn: '2026-01-11' })).status).toBe(201)
})

test('joining and leaving are replayed and never done twice', async () => {
  const { groupId } = await newGroup()
  const [id, saverId] = [uuid(), await newSaver(field)]
  expect((await join(groupId, saverId, { id })).status).toBe(201)
  expect(await join(groupId, saverId, { id })).toMatchObject({ status: 200, body: { replayed: true } })
  expect((await join(groupId, saverId, { id, startsOn: '2026-01-13' })).body.code).toBe('id-reused')
  expect((await leave(id, '2026-01-11')).body.code).toBe('period-not-in-order')
  expect((await leave(id, '2026-04-01')).body.code).toBe('date-in-future')
  expect(await leave(id, '2026-03-20')).toMatchObject({ status: 201, body: { endsOn: '2026-03-20', replayed: false } })
  expect(await leave(id, '2026-03-20')).toMatchObject({ status: 200, body: { replayed: true } })
  expect(await leave(id, '2026-03-21')).toMatchObject({
    status: 409,
    body: { code: 'already-ended', facts: { endsOn: '2026-03-20' } },
  })
  expect(await join(groupId, saverId, { id })).toMatchObject({
    status: 200,
    body: { endsOn: '2026-03-20', replayed: true },
  })
  expect((await leave(uuid(), '2026-03-20')).body.code).toBe('membership-not-found')
  expect((await join(uuid(), saverId)).body.code).toBe('group-not-found')
  expect((await join(groupId, uuid())).body.code).toBe('saver-not-found')
  expect(await join(groupId, saverId, { startsOn: '2026-01-09' })).toMatchObject({
    status: 422,
    body: { code: 'date-too-early', facts: { began: '2026-01-10' }, fields: [{ path: 'startsOn' }] },
  })
  expect((await join(groupId, saverId, { startsOn: '2026-03-25', endsOn: '2026-03-24' })).body.code).toBe(
    'period-not-in-order',
  )
})

test('a coordinator is a member, one at a time, until she leaves', async () => {
  const { groupId, savers } = await newGroup(2)
  const [first = '', second = ''] = savers
  expect((await coordinate(groupId, await newSaver(field), '2026-01-12')).body.code).toBe('not-a-member')
  expect((await coordinate(groupId, first, '2026-01-11')).body.code).toBe('not-a-member')
  const id = uuid()
  expect(await coordinate(groupId, first, '2026-01-12', id)).toMatchObject({ status: 201, body: { endsOn: null } })
  expect(await coordinate(groupId, second, '2026-02-01')).toMatchObject({ status: 201 })
  expect(await coordinate(groupId, first, '2026-01-12', id)).toMatchObject({
    status: 200,
    body: { endsOn: '2026-01-31', replayed: true },
  })
  expect((await coordinate(groupId, first, '2026-01-20')).body.code).toBe('period-overlaps')
  expect((await coordinate(groupId, first, '2026-02-01')).body.code).toBe('period-overlaps')
  expect((await group(groupId)).body.coordinatorId).toBe(second)
  const [membership] = (await field.agent.get(`${field.book}/memberships?saverId=${second}`)).body.items
  await leave(membership.id, '2026-03-20')
  expect((await group(groupId)).body).toMatchObject({ coordinatorId: null, members: 1 })
  expect((await coordinate(uuid(), first, '2026-01-12')).body.code).toBe('group-not-found')
})

test('the members of a group are listed as they were on a day, by name', async () => {
  const { groupId, savers } = await newGroup(2)
  const [membership] = (await field.agent.get(`${field.book}/memberships?saverId=${savers[0]}`)).body.items
  await leave(membership.id, '2026-02-28')
  const members = async (query: string) =>
    (await field.agent.get(`${field.book}/groups/${groupId}/members${query}`)).body.items
  expect(await members('')).toMatchObject([{ saverId: savers[1], givenNames: 'Juana', familyNames: 'Condori Huamán' }])
  expect((await members('?on=2026-02-28')).map((one: { saverId: string }) => one.saverId).toSorted()).toEqual(
    savers.toSorted(),
  )
  expect(await members('?on=2026-01-11')).toEqual([])
  const all = (await field.agent.get(`${field.book}/memberships?groupId=${groupId}&limit=1`)).body
  expect(all).toMatchObject({ items: [{ groupId }], next: expect.any(String) })
})

test('an analyst reads groups and no members', async () => {
  const { groupId } = await newGroup(1)
  const analyst = await field.as('analyst')
  expect((await analyst.get(`${field.book}/groups/${groupId}`)).body).toMatchObject({ members: 1 })
  const { items } = (await analyst.get(`${field.book}/groups?limit=200`)).body
  for (const item of items) {
    expect(item).not.toHaveProperty('coordinatorId')
    expect(item).not.toHaveProperty('meetingPlace')
  }
  expect((await analyst.get(`${field.book}/groups/${groupId}/members`)).status).toBe(403)
  for (const role of ['bank', 'analyst', 'auditor'] as const) {
    const asked = await field.as(role)
    expect((await asked.post(`${field.book}/memberships`, {})).status).toBe(403)
  }
})
