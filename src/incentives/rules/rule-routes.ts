import { z } from 'zod'
import { roles } from '../../http/actor.ts'
import { answerMade, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { problems } from '../../http/problems.ts'
import { idText, nameId } from '../../ids.ts'
import { currencySchema } from '../../money.ts'
import type { Parts } from '../../savings/parts.ts'
import { programmeById } from '../../savings/reference/programmes.ts'
import { code, title } from '../../savings/wording.ts'
import { loadPreset, presetBody } from './preset-loading.ts'
import { presets } from './presets.ts'
import {
  endRule,
  originSchema,
  registerRule,
  ruleBody,
  ruleById,
  ruleEnd,
  ruleSchema,
  rulesOfProgramme,
} from './rules.ts'
import { termsSchema } from './terms.ts'

const presetSchema = z
  .object({
    name: code,
    title,
    currency: currencySchema,
    contractMonths: z.int(),
    rules: z.array(
      z.object({ code, title, terms: termsSchema, origins: z.array(originSchema) }).meta({ id: 'IncentivePresetRule' }),
    ),
  })
  .meta({ id: 'IncentivePreset' })

const registered = ruleSchema.extend({ replayed: z.boolean() }).meta({ id: 'RegisteredIncentiveRule' })
const loaded = z.object({ items: z.array(ruleSchema), replayed: z.boolean() }).meta({ id: 'LoadedPreset' })
const list = z.object({ items: z.array(ruleSchema) }).meta({ id: 'IncentiveRuleList' })
const presetList = z.object({ items: z.array(presetSchema) }).meta({ id: 'IncentivePresetList' })

const ofProgramme = z.strictObject({ programmeId: idText })
const ofRule = ofProgramme.extend({ ruleId: idText })
const url = '/v1/programmes/:programmeId/incentive-rules'

/** The rules by which programmes pay: versions of terms, each with where they come from. The same for every book. */
export function ruleRoutes(app: App, parts: Parts): void {
  const tags = ['Incentives']

  app.route({
    method: 'GET',
    url: '/v1/incentive-presets',
    config: { access: roles },
    schema: {
      operationId: 'listIncentivePresets',
      tags,
      summary: 'List the presets: rules as far as published sources tell them',
      description: 'Each says which terms a source tells and which are to be set by agreement.',
      response: { 200: presetList },
    },
    handler: async () => ({
      items: presets.map(preset => ({
        ...preset,
        rules: preset.rules.map(rule => ({ ...rule, terms: termsSchema.parse(rule.terms) })),
      })),
    }),
  })

  app.route({
    method: 'POST',
    url: `${url}/presets`,
    config: { access: ['administrator'] },
    schema: {
      operationId: 'loadIncentivePreset',
      tags,
      summary: 'Load a preset’s rules into a programme',
      description:
        'All or none. `agreed` replaces rates and amounts; of the rest, `origins` tells what a source says and what is yet to be set by agreement. Loading the same again is a replay.',
      params: ofProgramme,
      body: presetBody,
      response: {
        ...made(loaded),
        ...problems('programme-not-found', 'id-reused', 'period-overlaps', 'rule-has-paid'),
      },
    },
    handler: async (request, reply) => {
      const { programmeId } = request.params
      const idOf = (code: string) =>
        nameId(`preset:${request.body.preset}:${code}:${request.body.validFrom}`, programmeId)
      return answerMade(reply, await loadPreset(parts, request.actor, programmeId, request.body, idOf))
    },
  })

  app.route({
    method: 'POST',
    url,
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'registerIncentiveRule',
      tags,
      summary: 'Register a version of an incentive rule',
      description: 'A version with the code of an earlier one follows it; terms are never changed.',
      params: ofProgramme,
      body: ruleBody,
      response: {
        ...made(registered),
        ...problems('programme-not-found', 'id-reused', 'period-overlaps', 'rule-has-paid'),
      },
    },
    handler: async (request, reply) => {
      const id = requestId(request, request.body.id)
      const body = { ...request.body, id }
      return answerMade(reply, await registerRule(parts, request.actor, request.params.programmeId, body))
    },
  })

  app.route({
    method: 'GET',
    url,
    config: { access: roles },
    schema: {
      operationId: 'listIncentiveRules',
      tags,
      summary: 'List all versions of a programme’s rules',
      params: ofProgramme,
      response: { 200: list, ...problems('programme-not-found') },
    },
    handler: async request => {
      await programmeById(parts.db, request.params.programmeId)
      return { items: await rulesOfProgramme(parts.db, request.params.programmeId) }
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/:ruleId`,
    config: { access: roles },
    schema: {
      operationId: 'getIncentiveRule',
      tags,
      summary: 'Read a version of a rule',
      params: ofRule,
      response: { 200: ruleSchema, ...problems('incentive-rule-not-found') },
    },
    handler: async request => ruleById(parts.db, request.params.programmeId, request.params.ruleId),
  })

  app.route({
    method: 'POST',
    url: `${url}/:ruleId/end`,
    config: { access: ['administrator'] },
    schema: {
      operationId: 'endIncentiveRule',
      tags,
      summary: 'End a rule',
      params: ofRule,
      body: ruleEnd,
      response: {
        200: ruleSchema,
        ...problems('incentive-rule-not-found', 'already-ended', 'period-not-in-order', 'rule-has-paid'),
      },
    },
    handler: async request => endRule(parts, request.params.programmeId, request.params.ruleId, request.body),
  })
}
