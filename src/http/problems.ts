import assert from 'node:assert/strict'
import { z } from 'zod'
import { type FieldProblem, Refusal, type RefusalCode, refusals } from '../refusals.ts'
import { bookNotFound } from './actor.ts'
import './messages.ts'

export const problemMediaType = 'application/problem+json'

export const refusalCodes = Object.keys(refusals) as [RefusalCode, ...RefusalCode[]]

/** RFC 9457. `code` is what a program reads; `title` and `detail` are for people and may change. */
export const problemSchema = z
  .object({
    type: z.string().describe('`urn:qullqi:refusal:` and the code'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(refusalCodes).meta({ id: 'RefusalCode' }).describe('One of a closed list; a program decides by this'),
    instance: z
      .string()
      .describe('`urn:qullqi:request:` and the request id, which is also in the header `X-Request-Id`'),
    retryable: z
      .boolean()
      .describe(
        'True: time alone may cure it, so keep the request as it is and send it again later. False: somebody has to mend it, or what it rests on, first; it is then decided anew',
      ),
    fields: z
      .array(
        z
          .object({ path: z.string(), message: z.string() })
          .meta({ id: 'ProblemField', examples: [{ path: 'lines.2.amount', message: 'is needed' }] }),
      )
      .optional()
      .describe('Where in the request the problem lies; a path is written `lines.2.amount`'),
    facts: z.record(z.string(), z.unknown()).optional().describe('Figures that a program may act on'),
  })
  .meta({
    id: 'Problem',
    description: 'Why the request was refused (RFC 9457). Nothing was changed.',
    examples: [
      {
        type: 'urn:qullqi:refusal:book-not-found',
        title: refusals['book-not-found'].title,
        status: 404,
        detail: bookNotFound().detail,
        code: 'book-not-found',
        instance: 'urn:qullqi:request:0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
        retryable: false,
      },
    ],
  })

export type Problem = z.infer<typeof problemSchema>

type StatusOf<Code extends RefusalCode> = (typeof refusals)[Code]['status']

/** Declared as `default` on every route, so that an answer whose status is not declared is a fault and leaks nothing. */
export const undeclared = z.never()

const codesOf = new WeakMap<object, readonly RefusalCode[]>()

/** The codes that a response schema made by `problems` stands for; undefined for any other schema. */
export function documentedCodes(schema: unknown): readonly RefusalCode[] | undefined {
  return typeof schema === 'object' && schema !== null ? codesOf.get(schema) : undefined
}

/**
 * Response schemas for these refusals, grouped by status, to spread into a route's `response`. Codes that any route may
 * give are added by themselves.
 */
export function problems<Code extends RefusalCode>(...codes: Code[]): Record<StatusOf<Code>, typeof problemSchema> {
  const byStatus = Object.groupBy([...codes].sort(), code => String(refusals[code].status))
  const responses: Record<string, typeof problemSchema> = {}
  for (const [status, ofStatus = []] of Object.entries(byStatus)) {
    const schema = z.object(problemSchema.shape)
    codesOf.set(schema, ofStatus)
    responses[status] = schema
  }
  return responses as Record<StatusOf<Code>, typeof problemSchema>
}

/** Adds problems to a route's responses, merging codes of the same status. */
export function mergeProblems(responses: Record<string, unknown>, codes: readonly RefusalCode[]): void {
  for (const code of codes) {
    const status = String(refusals[code].status)
    const known = documentedCodes(responses[status])
    assert(known || !responses[status], `status ${status} is declared with problems(), for ${code} answers with it`)
    if (!known?.includes(code)) Object.assign(responses, problems(...(known ?? []), code))
  }
}

/**
 * The body of a refusal. A book that is out of scope and one that does not exist read the same to the letter, whoever
 * refused it.
 */
export function problemOf(refusal: Refusal, requestId: string): Problem {
  const { code, detail, facts, fields } = refusal.code === 'book-not-found' ? bookNotFound() : refusal
  const { status, title, retryable } = refusals[code]
  return {
    type: `urn:qullqi:refusal:${code}`,
    title,
    status,
    detail,
    code,
    instance: `urn:qullqi:request:${requestId}`,
    retryable,
    ...(fields.length > 0 && { fields }),
    ...(Object.keys(facts).length > 0 && { facts }),
  }
}

/** Facts may hold amounts in minor units; a bigint travels as text. */
export function problemText(problem: Problem): string {
  return JSON.stringify(problem, (_, value) => (typeof value === 'bigint' ? value.toString() : value))
}

/**
 * Every field that zod found wrong, as one refusal. Of a union the branch that came closest speaks.
 * Messages say what is expected and never repeat a value.
 */
export function invalidRequest(error: z.core.$ZodError, part = 'body'): Refusal {
  return invalidFields(fieldsAtFault(error), part)
}

export function fieldsAtFault(error: z.core.$ZodError): FieldProblem[] {
  return fieldProblems(error.issues, [])
}

/** As many places as one refusal names. */
const mostFields = 100

/** A refusal for these fields; what lies in no field lies in the `part` of the request. */
export function invalidFields(fields: readonly FieldProblem[], part = 'body'): Refusal {
  const [first] = fields
  const more = fields.length > 1 ? `, and ${fields.length - 1} more` : ''
  return new Refusal('request-invalid', `${first?.path || `The ${part}`}: ${first?.message}${more}`, {
    fields: fields.slice(0, mostFields).map(field => ({ ...field, path: field.path || part })),
  })
}

/** A query parameter that is there twice: neither is taken for the other. */
export function repeatedQuery(names: readonly string[]): Refusal {
  const message = 'is there more than once'
  const fields = names.map(path => ({ path, message }))
  return new Refusal('request-invalid', `${names.join(', ')}: ${message}`, { fields })
}

function fieldProblems(issues: readonly z.core.$ZodIssue[], base: PropertyKey[]): FieldProblem[] {
  return issues.flatMap(issue => {
    const path = [...base, ...issue.path]
    if (issue.code === 'invalid_union') {
      const kinds = kindsOf(issue.errors)
      if (kinds !== undefined) return [{ path: path.map(String).join('.'), message: kinds }]
      const closest = issue.errors.toSorted((one, other) => depth(other) - depth(one) || one.length - other.length)[0]
      if (closest) return fieldProblems(closest, path)
    }
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map(key => ({ path: [...path, key].map(String).join('.'), message: 'is not known here' }))
    }
    return [{ path: path.map(String).join('.'), message: issue.message }]
  })
}

/** What a value of none of a union's types may be; undefined when it is of one, or when another rule was the reason. */
function kindsOf(branches: readonly (readonly z.core.$ZodIssue[])[]): string | undefined {
  const issues = branches.flat()
  if (branches.length < 2 || issues.some(({ code, path }) => code !== 'invalid_type' || path.length > 0))
    return undefined
  const kinds = new Set(issues.map(({ message }) => message.replace(/^must be /, '')))
  return kinds.has('is needed') ? undefined : `must be ${[...kinds].join(', or ')}`
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map(issue => issue.path.length))
}
