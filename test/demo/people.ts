/** A small seeded generator (mulberry32): the same numbers on every machine, for ever. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export type Chance = () => number

export function pick<Item>(chance: Chance, items: readonly Item[]): Item {
  return items[Math.floor(chance() * items.length)]!
}

export function whole(chance: Chance, least: number, most: number): number {
  return least + Math.floor(chance() * (most - least + 1))
}

/** Women who do not exist, with names that are usual around Lake Titicaca and in the high provinces of Cusco. */
const givenNames = [
  'Juana',
  'Rosa',
  'Luzmila',
  'Nélida',
  'Hermelinda',
  'Saturnina',
  'Lucía',
  'Bertha',
  'Gregoria',
  'Felícitas',
  'Yolanda',
  'Silvia',
  'Victoria',
  'Benita',
  'Marcelina',
  'Paulina',
  'Dionisia',
  'Eusebia',
  'Vilma',
  'Elsa',
  'Norma',
  'Agripina',
  'Nancy',
  'Ruth Noemí',
  'Sonia',
  'María Elena',
  'Flora',
  'Emiliana',
  'Ana María',
  'Rufina',
]

const familyNames = [
  'Quispe',
  'Mamani',
  'Condori',
  'Huanca',
  'Choque',
  'Apaza',
  'Ccama',
  'Ticona',
  'Flores',
  'Vilca',
  'Chambi',
  'Pari',
  'Calcina',
  'Sucari',
  'Ccapa',
  'Huamán',
  'Yucra',
  'Coaquira',
  'Lupaca',
  'Machaca',
  'Turpo',
  'Layme',
  'Cutipa',
  'Ramos',
  'Puma',
  'Cahuana',
  'Hancco',
  'Ttito',
  'Champi',
  'Ñaupa',
]

export function personNames(chance: Chance): { givenNames: string; familyNames: string } {
  return {
    givenNames: pick(chance, givenNames),
    familyNames: `${pick(chance, familyNames)} ${pick(chance, familyNames)}`,
  }
}

/** Made up: nobody's number is taken from a list of persons. */
export function dni(chance: Chance): string {
  return `99${String(whole(chance, 0, 999_999)).padStart(6, '0')}`
}

export function birthDate(chance: Chance): string {
  const two = (number: number) => String(number).padStart(2, '0')
  return `${whole(chance, 1962, 2004)}-${two(whole(chance, 1, 12))}-${two(whole(chance, 1, 28))}`
}

/** An interbank account number of an invented institution, with the check digits it should have. */
export function cci(entity: string, office: string, account: string): string {
  const [first, second] = [entity + office, account.padStart(12, '0')]
  return `${first}${second}${checkDigit(first)}${checkDigit(second)}`
}

function checkDigit(digits: string): number {
  const products = [...digits].map((digit, place) => Number(digit) * (place % 2 === 0 ? 1 : 2))
  const sum = products.reduce((total, product) => total + (product > 9 ? product - 9 : product), 0)
  return (10 - (sum % 10)) % 10
}
