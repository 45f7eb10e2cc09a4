import type { z } from 'zod'
import type { Currency } from '../../money.ts'
import type { termsSchema } from './terms.ts'

/** Whether a published source says a term, whether it is this project's value until an agreement sets it, or whether one did. */
export const origins = ['source', 'to be set by agreement', 'agreed'] as const

/** Where terms come from: the names of the terms, and what is said of them. */
export type Origin = { terms: string[]; origin: (typeof origins)[number]; note: string }

export type PresetRule = {
  /** The rule's type, as payments of it are requested. */
  code: string
  title: string
  terms: z.input<typeof termsSchema>
  origins: Origin[]
}

export type Preset = { name: string; title: string; currency: Currency; contractMonths: number; rules: PresetRule[] }

const published = (terms: string[], note: string): Origin => ({ terms, origin: 'source', note })
const agreement = (terms: string[], note: string): Origin => ({ terms, origin: 'to be set by agreement', note })

const corridor = 'Puno-Cusco Corridor, IFAD loan 467-PE, 2000–2008'
const sierraSur = 'SIERRA SUR II, procedure for the three incentives to savings groups'
const juntos = 'Savings pilot of JUNTOS with Banco de la Nación and AgroRural, 2009–2012'
const lifetime = { amount: '250.00', per: 'lifetime', over: 'programme' } as const

/**
 * The programmes' rules as far as sources tell them. Values that no source tells are this project's, for a start: they are
 * marked, and are to be set by agreement with whoever pays.
 */
export const presets: readonly Preset[] = [
  {
    name: 'CORREDOR-2003',
    title: 'Corredor Puno-Cusco: opening and monthly growth, locked for the contract',
    currency: 'USD',
    contractMonths: 48,
    rules: [
      {
        code: 'OPENING',
        title: 'Incentive to open: the first deposit doubled',
        terms: {
          ...{
            award: 'credit',
            basis: 'OPENING_DEPOSIT',
            rate: '1',
            cadence: 'once',
            locked: true,
            earlyExit: 'forfeit',
          },
          caps: [{ amount: '10.00', per: 'event' }],
        },
        origins: [
          published(['basis', 'rate', 'cadence', 'locked'], corridor),
          agreement(['caps'], 'No source tells the cap: US$ 10.00 is for demonstration, and agreed with nobody'),
          agreement(['earlyExit'], 'No source tells what becomes of it on an early exit'),
        ],
      },
      {
        code: 'GROWTH',
        title: 'Incentive to growth: a quarter of what a month added',
        terms: {
          ...{ award: 'credit', basis: 'NET_GROWTH', rate: '0.25', cadence: 'monthly', openingCounts: false },
          ...{ locked: true, earlyExit: 'forfeit' },
        },
        origins: [
          published(['rate', 'cadence', 'locked'], corridor),
          agreement(
            ['basis', 'openingCounts', 'caps', 'earlyExit'],
            'Incentives of 21.1 % of savings show that growth was net or capped; net of withdrawals is this project’s reading',
          ),
        ],
      },
      {
        code: 'WITHDRAWAL',
        title: 'Incentive to own money used for health, education or business',
        terms: {
          ...{ award: 'credit', basis: 'WITHDRAWAL', rate: null, cadence: 'per-event', evidence: 'document' },
          purposes: ['education', 'child-health', 'own-health', 'business'],
        },
        origins: [
          published(['basis', 'purposes', 'cadence', 'evidence'], corridor),
          agreement(['rate', 'caps'], 'No source tells them: the rule pays nothing until both are set'),
        ],
      },
    ],
  },
  {
    name: 'SIERRA-SUR-II',
    title: 'Sierra Sur II: opening, maintenance and growth, withdrawal',
    currency: 'PEN',
    contractMonths: 48,
    rules: [
      {
        code: '1-APERTURA',
        title: 'Incentive to open',
        terms: {
          ...{ award: 'credit', basis: 'OPENING_DEPOSIT', rate: '1', cadence: 'once' },
          caps: [{ amount: '30.00', per: 'event' }, lifetime],
        },
        origins: [published(['basis', 'cadence'], sierraSur), agreement(['rate', 'caps'], 'Values of this project')],
      },
      {
        code: '2-MANTENIMIENTO-CRECIMIENTO',
        title: 'Incentive to maintenance and growth',
        terms: {
          ...{ award: 'credit', basis: 'NET_GROWTH', rate: '0.2', cadence: 'quarterly', minimumBalance: '10.00' },
          caps: [{ amount: '20.00', per: 'period' }, lifetime],
        },
        origins: [
          published(['basis', 'cadence'], sierraSur),
          agreement(['rate', 'minimumBalance', 'caps'], 'Values of this project'),
        ],
      },
      {
        code: '3-RETIRO',
        title: 'Incentive to withdrawal for education, health or business',
        terms: {
          ...{ award: 'credit', basis: 'WITHDRAWAL', rate: '0.1', cadence: 'per-event', evidence: 'document' },
          purposes: ['education', 'child-health', 'own-health', 'business'],
          caps: [{ amount: '50.00', per: 'year' }, lifetime],
        },
        origins: [
          published(['basis', 'purposes', 'cadence'], sierraSur),
          agreement(['rate', 'caps', 'evidence'], 'Values of this project'),
        ],
      },
    ],
  },
  {
    name: 'JUNTOS-RAFFLE-2011',
    title: 'JUNTOS savings pilot: a draw of food baskets among women with a balance',
    currency: 'PEN',
    contractMonths: 48,
    rules: [
      {
        code: 'DRAW',
        title: 'Two baskets of S/180 a district every two months, in kind',
        terms: { award: 'draw', cadence: 'two-monthly', winnersPerDistrict: 2, prizeValue: '180.00' },
        origins: [published(['cadence', 'winnersPerDistrict', 'prizeValue'], juntos)],
      },
    ],
  },
  {
    name: 'JUNTOS-MATCH',
    title: 'A match to what is saved of a JUNTOS transfer and beside it',
    currency: 'PEN',
    contractMonths: 48,
    rules: [
      {
        code: 'MATCH',
        title: 'A tenth of what a household kept in two months',
        terms: {
          ...{ award: 'credit', basis: 'RETAINED_TRANSFER', rate: '0.1', cadence: 'two-monthly', baseCap: '200.00' },
          ...{ transferSource: 'JUNTOS', periodStatuses: ['MET', 'WAIVED'], unit: 'household' },
          ...{ locked: true, earlyExit: 'keep' },
          caps: [
            { amount: '20.00', per: 'period' },
            { amount: '120.00', per: 'year' },
          ],
        },
        origins: [
          agreement(
            [
              'basis',
              'rate',
              'cadence',
              'baseCap',
              'transferSource',
              'caps',
              'unit',
              'locked',
              'earlyExit',
              'periodStatuses',
            ],
            'JUNTOS paid no match: this rule is this project’s',
          ),
        ],
      },
    ],
  },
]
