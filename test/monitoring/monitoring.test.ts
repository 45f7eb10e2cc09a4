import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parser } from '@prometheus-io/lezer-promql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type Money, openMoney } from '../savings/money.ts'
import { type TestApp, testApp } from '../support/app.ts'

const root = join(import.meta.dirname, '..', '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

type Alert = {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: { summary: string; description: string }
}

const alerts: Alert[] = parse(read('monitoring/alerts.yml')).groups.flatMap((group: { rules: Alert[] }) => group.rules)
const panels: { title: string; targets: { expr: string }[] }[] = JSON.parse(read('monitoring/dashboard.json')).panels
const expressions = [
  ...alerts.map(({ alert, expr }) => ({ of: alert, expr })),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ of: title, expr }))),
]

let service: TestApp
/** What a service tells: names of series, each with its labels. */
let told: Map<string, Set<string>>

beforeAll(async () => {
  service = await testApp()
  const money: Money = await openMoney(service)
  await money.deposit(money.ana, '5.00')
  const authorization = `Bearer ${await service.key('auditor')}`
  const { body } = await service.app.inject({ url: '/metrics', headers: { authorization } })
  told = new Map()
  for (const [, name, labels = ''] of body.matchAll(/^([a-z]\w*)(?:\{([^}]*)\})? \S+$/gm)) {
    const known = told.get(name!) ?? new Set()
    for (const [, label] of labels.matchAll(/(\w+)="/g)) known.add(label!)
    told.set(name!, known)
  }
  for (const [, name] of body.matchAll(/^# TYPE (\w+) counter$/gm))
    told.set(name!, told.get(name!) ?? new Set(['outcome']))
})
afterAll(() => service.close())

/** Prometheus itself knows this one, and the labels that it sets. */
const ofPrometheus = { series: ['up'], labels: ['job', 'instance'] }

/** What an expression asks for that nobody tells; and where it is no PromQL. */
function unknownIn(expr: string): string[] {
  const unknown: string[] = []
  let series = ''
  parser.parse(expr).iterate({
    enter(node) {
      const text = expr.slice(node.from, node.to)
      if (node.type.isError) unknown.push(`is no PromQL at ${node.from}`)
      if (node.name === 'VectorSelector') {
        series = /^\w+/.exec(text)![0]
        if (!told.has(series) && !ofPrometheus.series.includes(series)) unknown.push(series)
      }
      if (node.name === 'LabelName' && node.matchContext(['LabelMatchers', 'UnquotedLabelMatcher'])) {
        if (!told.get(series)?.has(text) && !ofPrometheus.labels.includes(text)) unknown.push(`${series}{${text}}`)
      }
    },
  })
  return unknown
}

test('every series that an alert or a panel asks for is one that the service tells, with these labels', () => {
  expect(expressions.length).toBeGreaterThan(25)
  expect(expressions.flatMap(({ of, expr }) => unknownIn(expr).map(one => `${of}: ${one}`))).toEqual([])
})

test('what is wrong in an expression is found', () => {
  expect(unknownIn('sum(rate(qullqi_requests_total[5m]))')).toEqual(['qullqi_requests_total'])
  expect(unknownIn('qullqi_http_request_seconds_count{code="500"}')).toEqual([
    'qullqi_http_request_seconds_count{code}',
  ])
  expect(unknownIn('sum(rate(up[5m])')).not.toEqual([])
})

test('every alert says what it is and what it means, and the operator’s page what to do', () => {
  const page = read('docs/operator.md')
  for (const { alert, labels, annotations } of alerts) {
    expect([alert, labels.severity]).toEqual([alert, expect.stringMatching(/^(page|ticket)$/)])
    expect(annotations.summary.length * annotations.description.length).toBeGreaterThan(0)
    expect([alert, page.includes(`\`${alert}\``)]).toEqual([alert, true])
  }
  expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length)
})
