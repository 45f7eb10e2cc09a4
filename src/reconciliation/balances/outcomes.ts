/**
 * What comparing one account came to. The first that fits: whatever is of another currency is compared with nothing, and of an
 * account that differs in amount and status the amount is told.
 */
export const outcomes = ['equal', 'differs', 'status-differs', 'only-ours', 'only-theirs', 'twice', 'currency'] as const
export type Outcome = (typeof outcomes)[number]

/** Why a line of the bank's is of no account of ours: nobody has the number, or several have, or number and CCI are of two. */
export const strangers = ['unknown', 'several', 'number-and-cci-differ'] as const
export type Stranger = (typeof strangers)[number]

/**
 * What would make up a difference to the centavo: interest and fees that the bank tells of; money that an agent has and the bank
 * not yet; what one of us booked a day or two later; incentives that the bank does not have.
 */
export const causes = ['interest', 'fees', 'in-transit', 'value-date', 'incentive'] as const
export type Cause = (typeof causes)[number]

/** Causes that are found in a list and become proposals. */
export const proposable = ['interest', 'fees'] as const satisfies readonly Cause[]
export type Proposable = (typeof proposable)[number]

export const decimals = ['point', 'comma'] as const
export type DecimalMark = (typeof decimals)[number]

export const encodings = ['utf-8', 'latin1'] as const
export type ListEncoding = (typeof encodings)[number]
