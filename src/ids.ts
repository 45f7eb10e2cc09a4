import { z } from 'zod'

/** The id of something as it comes in, made lower case, as the ledger keeps ids and fingerprints cover them. */
export const idText = z.uuid().toLowerCase()
