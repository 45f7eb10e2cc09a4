import { z } from 'zod'

type Issue = z.core.$ZodRawIssue

const typeWords: Record<string, string> = {
  string: 'must be text, within quotes',
  number: 'must be a number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be an object',
  record: 'must be an object',
  null: 'must be null',
}

const formatWords: Record<string, string> = { uuid: 'must be a UUID', date: 'must be a day written YYYY-MM-DD' }

/**
 * What is wrong with a value, in the words in which our own rules say it, for whoever has to mend the request. A value that
 * is missing is told as such, and none is repeated. Undefined where zod's own words stand.
 */
function messageOf(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is needed' : typeWords[issue.expected]
    case 'invalid_value':
      return issue.input === undefined ? 'is needed' : oneOf(issue.values)
    case 'invalid_format':
      return formatWords[issue.format]
    case 'too_small':
      return bounded('least', 'more', issue.minimum, issue)
    case 'too_big':
      return bounded('most', 'less', issue.maximum, issue)
    case 'invalid_union':
      return discriminated(issue)
    default:
      return undefined
  }
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? `must be ${values[0]}` : `must be one of ${values.join(', ')}`
}

type Bounded = { inclusive?: boolean | undefined; origin: string }

function bounded(
  edge: 'least' | 'most',
  beyond: 'more' | 'less',
  limit: unknown,
  { inclusive, origin }: Bounded,
): string {
  if (origin === 'array') return `must have at ${edge} ${limit}`
  if (origin === 'string') return `must have at ${edge} ${limit} characters`
  return inclusive === false ? `must be ${beyond} than ${limit}` : `must be at ${edge} ${limit}`
}

/** A union told apart by one field: what that field may be. */
function discriminated({ discriminator, options, input }: Issue): string | undefined {
  if (typeof discriminator !== 'string' || !Array.isArray(options)) return undefined
  const isMissing = typeof input === 'object' && input !== null && !(discriminator in input)
  return isMissing ? 'is needed' : oneOf(options)
}

z.config({ customError: messageOf })
