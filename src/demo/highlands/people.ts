import type { CalendarDate, Month } from '../../dates.ts'
import { between, chance, pick } from './chance.ts'

/** How a woman saves: the share of months in which she brings a deposit, and after how many months she stops, if ever. */
const habits = {
  steady: { share: 0.38, brings: 0.9, stops: 0.1 },
  often: { share: 0.24, brings: 0.55, stops: 0.25 },
  seldom: { share: 0.16, brings: 0.15, stops: 0.35 },
  once: { share: 0.14, brings: 0, stops: 1 },
  never: { share: 0.08, brings: 0, stops: 1 },
} as const

export type Habit = keyof typeof habits

export type Woman = {
  code: string
  givenNames: string
  familyNames: string
  birthDate: CalendarDate
  /** ISO 639-3; undefined for who did not consent to its being kept. */
  language: string | undefined
  household: string | undefined
  account: string
  habit: Habit
  /** After so many months in the programme she brings nothing more. */
  lastMonth: number
}

export type Group = {
  code: string
  name: string
  bank: number
  district: string
  agent: string
  cohort: string
  joined: Month
  women: Woman[]
}

/** Of the Southern Highlands: Cusco, Puno, Apurímac, Caylloma in Arequipa, General Sánchez Cerro in Moquegua. */
const districts: readonly [string, ...string[]] = [
  ...['080101', '080102', '080201', '080202', '080301', '080302', '080401', '080402', '080501', '080502', '080701'],
  ...['080702', '080801', '080802', '081201', '081202', '081301', '210101', '210102', '210201', '210202', '210203'],
  ...['210301', '210302', '210401', '210402', '210501', '210601', '210602', '210701', '210801', '210802', '211001'],
  ...['030101', '030102', '030201', '030202', '030501', '040501', '040502', '180201'],
] as [string, ...string[]]

const given = [
  'Juana',
  'Rosa',
  'Felícitas',
  'Martina',
  'Eulalia',
  'Lourdes',
  'Sabina',
  'Nélida',
  'Yeny',
  'Santusa',
] as const
const family = [
  'Quispe',
  'Mamani',
  'Condori',
  'Huamán',
  'Ccallo',
  'Choque',
  'Apaza',
  'Puma',
  'Yupanqui',
  'Ticona',
] as const
const groupNames = [
  'Sumaq Warmi',
  'Inti Wawa',
  'Qori T’ika',
  'Nueva Esperanza',
  'Señor de Huanca',
  'Ch’aska',
  'Munay',
  'Illari',
] as const

/** In which month a part of the groups was formed, and the cohort that they are. */
const waves = [
  { upTo: 0.45, joined: '2022-11', cohort: '2022' },
  { upTo: 0.75, joined: '2023-06', cohort: '2023' },
  { upTo: 1, joined: '2024-05', cohort: '2024' },
] as const

/** The month in which the first groups were formed. */
export const firstMonth: Month = waves[0].joined

export const agentsOfBank = 8
export const womenOfGroup = 20

/** The groups of the programme, of which there are as many as are asked for; they are the same in any number. */
export function makeGroups(count: number): Group[] {
  return Array.from({ length: count }, (_, nth) => makeGroup(nth))
}

function makeGroup(nth: number): Group {
  const code = `SH-${String(nth + 1).padStart(3, '0')}`
  const wave = waves.find(({ upTo }) => chance('wave', code) < upTo)!
  const bank = nth % 3
  const women = Array.from({ length: womenOfGroup }, (_, place) => makeWoman(code, bank, nth, place))
  return {
    ...{ code, bank, women, joined: wave.joined, cohort: wave.cohort },
    name: `${pick(groupNames, 'group', code)} ${nth + 1}`,
    district: pick(districts, 'district', code),
    agent: `SH-AG-${bank + 1}${between(1, agentsOfBank, 'agent', code)}`,
  }
}

function makeWoman(group: string, bank: number, nth: number, place: number): Woman {
  const code = `${group}-${String(place + 1).padStart(2, '0')}`
  const habit = habitOf(chance('habit', code))
  const stops = chance('stops', code) < habits[habit].stops
  const language =
    chance('consent', code) < 0.85 ? pick(['que', 'que', 'que', 'aym', 'spa'] as const, 'language', code) : undefined
  return {
    ...{ code, habit, language },
    givenNames: pick(given, 'given', code),
    familyNames: `${pick(family, 'father', code)} ${pick(family, 'mother', code)}`,
    birthDate: `${between(1950, 2002, 'year', code)}-${two(between(1, 12, 'month', code))}-${two(between(1, 28, 'day', code))}`,
    household: chance('household', code) < 0.35 ? `H-${code}` : undefined,
    account: `${410 + bank}-${String(nth * womenOfGroup + place + 1).padStart(6, '0')}`,
    lastMonth: stops ? between(3, 30, 'last', code) : Number.POSITIVE_INFINITY,
  }
}

function habitOf(drawn: number): Habit {
  let sum = 0
  for (const [name, { share }] of Object.entries(habits)) {
    sum += share
    if (drawn < sum) return name as Habit
  }
  return 'never'
}

/** What she brings in the `nth` month after she joined, in centimos; in the first month all who ever save bring something. */
export function broughtBy({ code, habit, lastMonth }: Woman, nth: number): number {
  if (habit === 'never' || nth > lastMonth) return 0
  if (nth > 0 && chance('brings', code, nth) >= habits[habit].brings) return 0
  return between(5, 40, 'amount', code, nth) * 100
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
