import { idOf } from '../../src/demo/ids.ts'

/** The year that is told: all of it past, so that no date of it is ahead anywhere. */
export const year = 2025

export const institutions = [
  {
    id: idOf('institution', 'CAJA-TITICACA'),
    code: 'CAJA-TITICACA',
    name: 'Caja Rural Titicaca (demo)',
    kind: 'caja',
    cciEntity: '897',
  },
  {
    id: idOf('institution', 'BANCO-AUSANGATE'),
    code: 'BANCO-AUSANGATE',
    name: 'Banco Ausangate (demo)',
    kind: 'bank',
    cciEntity: '898',
  },
]

export const programmes = [
  {
    id: idOf('programme', 'PUNO-CUSCO'),
    code: 'PUNO-CUSCO',
    name: 'Corredor Puno-Cusco (demo)',
    contractMonths: 48,
    validFrom: '2025-01-01',
  },
]

export const books = [
  {
    id: idOf('book', 'TITICACA-PEN'),
    code: 'TITICACA-PEN',
    name: 'Caja Titicaca, soles (demo)',
    currency: 'PEN',
    institutionId: institutions[0]!.id,
    openedOn: '2025-01-01',
  },
  {
    id: idOf('book', 'AUSANGATE-USD'),
    code: 'AUSANGATE-USD',
    name: 'Banco Ausangate, dólares (demo)',
    currency: 'USD',
    institutionId: institutions[1]!.id,
    openedOn: '2025-01-01',
  },
]

/** An agent may work in several books, with one id. */
export const agents = [
  { book: 'TITICACA-PEN', agent: 'AG-01', name: 'Nelly Choquehuanca Pari', startsOn: '2025-01-02' },
  { book: 'TITICACA-PEN', agent: 'AG-02', name: 'Edith Cahuana Turpo', startsOn: '2025-01-02' },
  { book: 'AUSANGATE-USD', agent: 'AG-02', name: 'Edith Cahuana Turpo', startsOn: '2025-01-02' },
  { book: 'AUSANGATE-USD', agent: 'AG-03', name: 'Wilber Ttito Layme', startsOn: '2025-01-02' },
]

/** Where each group meets, and on which Saturday (6) or Sunday (0) of the month. Districts by INEI's codes. */
export const groups = [
  {
    book: 'TITICACA-PEN',
    group: 'GR-01',
    name: 'Sumaq Warmi',
    districtCode: '210603',
    meetingPlace: 'Salón comunal de Huatasani',
    tongue: 'que',
    agent: 'AG-01',
    size: 18,
    weekday: 6,
    week: 2,
    ownAccount: '110-21-000100',
  },
  {
    book: 'TITICACA-PEN',
    group: 'GR-02',
    name: 'Inti Wawa',
    districtCode: '210401',
    meetingPlace: 'Local comunal de Juli',
    tongue: 'aym',
    agent: 'AG-01',
    size: 15,
    weekday: 0,
    week: 2,
    ownAccount: '',
  },
  {
    book: 'TITICACA-PEN',
    group: 'GR-03',
    name: 'Qhana Marka',
    districtCode: '210501',
    meetingPlace: 'Puesto de salud de Ilave',
    tongue: 'aym',
    agent: 'AG-02',
    size: 12,
    weekday: 6,
    week: 3,
    ownAccount: '',
  },
  {
    book: 'TITICACA-PEN',
    group: 'GR-04',
    name: 'Las Vicuñas',
    districtCode: '210201',
    meetingPlace: 'Casa comunal de Azángaro',
    tongue: 'que',
    agent: 'AG-02',
    size: 20,
    weekday: 0,
    week: 3,
    ownAccount: '',
  },
  {
    book: 'AUSANGATE-USD',
    group: 'GR-05',
    name: 'Tika Sipas',
    districtCode: '080601',
    meetingPlace: 'Mercado de Sicuani, segundo piso',
    tongue: 'que',
    agent: 'AG-02',
    size: 14,
    weekday: 0,
    week: 1,
    ownAccount: '',
  },
  {
    book: 'AUSANGATE-USD',
    group: 'GR-06',
    name: 'Away Runa',
    districtCode: '080605',
    meetingPlace: 'Taller de tejido de Pitumarca',
    tongue: 'que',
    agent: 'AG-03',
    size: 11,
    weekday: 6,
    week: 1,
    ownAccount: '',
  },
] as const

export type Group = (typeof groups)[number]

/** What is usual in each book: whole soles or dollars. */
export const usualDeposits: Record<string, readonly number[]> = {
  'TITICACA-PEN': [5, 10, 10, 15, 20, 20, 25, 30, 40, 50],
  'AUSANGATE-USD': [1, 2, 2, 3, 5, 5, 6, 8, 10, 12],
}

export const funds = [
  {
    bookId: books[0]!.id,
    id: idOf('fund', 'PREMIOS-2025'),
    code: 'PREMIOS-2025',
    name: 'Competition prizes 2025',
    fundingSource: 'FIDA',
    openedOn: '2025-02-01',
  },
]
