/**
 * The closed list of refusals: an expected no, with a code, an HTTP status, and a title. `retryable` says whether time alone
 * cures it: nobody has to mend the request, nor anything that it rests on. Whatever is not in this list is a fault of ours.
 */
export const refusals = {
  // the request itself
  'request-invalid': { status: 400, retryable: false, title: 'The request is not well formed' },
  'authentication-required': { status: 401, retryable: false, title: 'An API key or a token is needed' },
  'access-denied': { status: 403, retryable: false, title: 'Your role may not do this' },
  'route-not-found': { status: 404, retryable: false, title: 'There is no such address' },
  'method-not-allowed': { status: 405, retryable: false, title: 'This address does not take that method' },
  'media-type-not-acceptable': { status: 406, retryable: false, title: 'It is given in no form that you accept' },
  'request-timeout': { status: 408, retryable: true, title: 'The request did not arrive whole in time' },
  'body-too-large': { status: 413, retryable: false, title: 'The body is larger than allowed' },
  'address-too-long': { status: 414, retryable: false, title: 'The address is longer than allowed' },
  'media-type-unsupported': { status: 415, retryable: false, title: 'This content type is not taken here' },
  'expectation-not-met': { status: 417, retryable: false, title: 'Nothing but 100-continue can be expected here' },
  'too-many-requests': { status: 429, retryable: true, title: 'More is asked than you may ask; ask again later' },
  'head-too-large': { status: 431, retryable: false, title: 'The head of the request is larger than allowed' },
  'amount-precision': { status: 422, retryable: false, title: 'The amount has more decimals than the currency' },
  'service-stopping': { status: 503, retryable: true, title: 'The service is stopping; ask again' },
  'database-unavailable': { status: 503, retryable: true, title: 'The database did not answer; ask again' },
  'token-keys-unavailable': { status: 503, retryable: true, title: 'Tokens cannot be checked now; ask again' },
  'internal-fault': { status: 500, retryable: true, title: 'Something broke on our side' },
  // keys and their scope
  'book-not-found': { status: 404, retryable: false, title: 'There is no such book for you' },
  'api-key-not-found': { status: 404, retryable: false, title: 'There is no such API key' },
  'key-book-not-found': { status: 422, retryable: false, title: 'A book that the key would reach does not exist' },
  'key-agent-not-found': {
    status: 422,
    retryable: false,
    title: 'The agent of the key is not registered in its books',
  },
  'client-taken': { status: 409, retryable: false, title: 'Only the client itself makes a further key for itself' },
  // identity of requests
  'id-reused': { status: 409, retryable: false, title: 'This id was already used for different content' },
  'book-code-taken': { status: 409, retryable: false, title: 'Another book has this code' },
  // posting
  'draft-invalid': { status: 422, retryable: false, title: 'The transaction is not a balanced whole' },
  'account-not-found': { status: 422, retryable: false, title: 'There is no such account in this book' },
  'ledger-account-not-found': { status: 404, retryable: false, title: 'There is no such account in this book' },
  'account-blocked': { status: 422, retryable: false, title: 'The account is blocked' },
  'account-closed': { status: 422, retryable: false, title: 'The account is closed' },
  'account-not-effective': { status: 422, retryable: false, title: 'The account is not open on that day' },
  'account-code-taken': { status: 409, retryable: false, title: 'Another account of the book has this code' },
  'account-not-by-hand': {
    status: 409,
    retryable: false,
    title: 'The account opens, changes or moves only with what it belongs to',
  },
  'account-not-empty': { status: 409, retryable: false, title: 'The account still has a balance or a hold' },
  'account-total-too-large': { status: 422, retryable: false, title: 'The account cannot hold a total that large' },
  'balance-below-floor': { status: 422, retryable: false, title: 'The available balance is not enough' },
  'value-date-in-future': { status: 422, retryable: true, title: 'The value date has not come yet' },
  'value-date-before-original': {
    status: 422,
    retryable: false,
    title: 'A reversal may not be dated before what it reverses',
  },
  'month-closed': { status: 409, retryable: false, title: 'The month of this value date is closed' },
  'month-not-over': { status: 409, retryable: true, title: 'The month is not over yet' },
  'month-out-of-order': { status: 409, retryable: false, title: 'Months are closed one after the other' },
  'list-refused': { status: 422, retryable: false, title: 'Not posted, because another of its list was refused' },
  'transaction-not-found': { status: 404, retryable: false, title: 'There is no such transaction in this book' },
  'transaction-already-reversed': { status: 409, retryable: false, title: 'The transaction was reversed already' },
  'reversal-not-reversible': { status: 409, retryable: false, title: 'A transaction of this kind is not reversed' },
  'hold-not-found': { status: 404, retryable: false, title: 'There is no such hold in this book' },
  'hold-not-placed': { status: 409, retryable: false, title: 'The hold was captured, released or has expired' },
  'hold-not-captured': {
    status: 422,
    retryable: false,
    title: 'The transaction takes nothing from the account of the hold',
  },
  'hold-exceeded': { status: 422, retryable: false, title: 'The capture is larger than the hold' },
  'hold-expiry-past': { status: 422, retryable: false, title: 'The hold would have expired already' },
  'instant-in-future': { status: 422, retryable: true, title: 'Nothing is known yet at that instant' },
  // movements of savings
  'savings-account-not-found': {
    status: 404,
    retryable: false,
    title: 'There is no such savings account in this book',
  },
  'fund-not-found': { status: 404, retryable: false, title: 'There is no such fund in this book' },
  'bank-account-number-taken': {
    status: 409,
    retryable: false,
    title: 'Another savings account of the book has this number',
  },
  'cash-count-differs': { status: 422, retryable: false, title: 'The cash counted is not what the lines give' },
  'lines-refused': { status: 422, retryable: false, title: 'Lines were refused, so nothing was posted' },
  'sheet-repeated': { status: 409, retryable: false, title: 'The same sheet is there under another id' },
  'line-repeated': { status: 422, retryable: false, title: 'The account is on another line already' },
  'coordinator-differs': { status: 422, retryable: false, title: 'She did not coordinate the group on that day' },
  'reference-ambiguous': { status: 422, retryable: false, title: 'More than one answers to this; name it by its id' },
  'collection-sheet-not-found': {
    status: 404,
    retryable: false,
    title: 'There is no such collection sheet in this book',
  },
  'receipt-not-given': { status: 422, retryable: false, title: 'The transaction is of no savings account' },
  'receipt-too-long': { status: 422, retryable: false, title: 'The receipt has more lines than a code holds' },
  'passbook-too-long': { status: 422, retryable: false, title: 'These days have more lines than are printed at once' },
  'holders-differ': { status: 422, retryable: false, title: 'The accounts are not of the same holder' },
  overloaded: { status: 503, retryable: true, title: 'More is asked than can be done soon; ask again' },
  // the register
  'institution-not-found': { status: 404, retryable: false, title: 'There is no such partner institution' },
  'programme-not-found': { status: 404, retryable: false, title: 'There is no such programme' },
  'programme-not-valid': { status: 422, retryable: false, title: 'The programme takes nobody on that day' },
  'territory-not-found': { status: 422, retryable: false, title: 'There is no district with this code' },
  'agent-not-found': { status: 404, retryable: false, title: 'There is no such agent in this book' },
  'saver-not-found': { status: 404, retryable: false, title: 'There is no such saver in this book' },
  'saver-already-registered': { status: 409, retryable: false, title: 'The book has this person already' },
  'group-not-found': { status: 404, retryable: false, title: 'There is no such savings group in this book' },
  'group-full': { status: 409, retryable: false, title: 'The group would have more members than a group may' },
  'membership-not-found': { status: 404, retryable: false, title: 'There is no such membership in this book' },
  'not-a-member': { status: 422, retryable: false, title: 'She is no member of the group on that day' },
  'organisation-not-found': { status: 404, retryable: false, title: 'There is no such organisation in this book' },
  'organisation-already-registered': { status: 409, retryable: false, title: 'The book has this organisation already' },
  'enrolment-not-found': { status: 404, retryable: false, title: 'There is no such enrolment in this book' },
  'enrolled-already': { status: 409, retryable: false, title: 'She is enrolled in this programme already' },
  'contract-not-over': { status: 422, retryable: false, title: 'A contract is completed in its last month or later' },
  'code-taken': { status: 409, retryable: false, title: 'Another one has this code' },
  'date-in-future': { status: 422, retryable: true, title: 'The day has not come yet' },
  'date-too-early': { status: 422, retryable: false, title: 'What it belongs to began later' },
  'period-overlaps': { status: 409, retryable: false, title: 'There is one already at that time' },
  'period-not-in-order': { status: 422, retryable: false, title: 'The end lies before the start' },
  // incentives
  'incentive-rule-not-found': { status: 404, retryable: false, title: 'The programme has no such rule' },
  'rule-has-paid': { status: 409, retryable: false, title: 'The rule has paid for time that it would not hold' },
  'financing-not-found': { status: 422, retryable: false, title: 'No fund pays the programme on that day' },
  'incentive-run-not-found': { status: 404, retryable: false, title: 'There is no such run in this book' },
  'incentive-run-open': { status: 409, retryable: false, title: 'Another run of the programme is not finished' },
  'incentive-run-out-of-order': { status: 409, retryable: false, title: 'A later month was run already' },
  'incentive-run-not-prepared': { status: 409, retryable: false, title: 'The run is not waiting for approval' },
  'incentive-run-outdated': { status: 409, retryable: false, title: 'Less is owed by now than the run is to post' },
  'second-actor-needed': {
    status: 409,
    retryable: false,
    title: 'Whoever prepared it, or decided in it, may not approve it',
  },
  'fund-exceeded': { status: 422, retryable: false, title: 'The fund has not enough for it' },
  'incentive-calculation-not-found': {
    status: 404,
    retryable: false,
    title: 'There is no such calculation in this book',
  },
  'incentive-not-payable': { status: 422, retryable: false, title: 'No contract and rule of hers would pay it' },
  'cap-exceeded': { status: 422, retryable: false, title: 'It is more than the caps of the rule leave' },
  'incentive-not-found': { status: 404, retryable: false, title: 'There is no such incentive in this book' },
  'file-refused': { status: 422, retryable: false, title: 'The file, or rows of it, were refused: nothing was kept' },
  'period-file-not-found': { status: 404, retryable: false, title: 'There is no such file of periods in this book' },
  'incentive-run-not-approved': { status: 409, retryable: false, title: 'The run is not approved' },
  'incentive-run-not-posted': { status: 409, retryable: true, title: 'The run has not posted all that it pays' },
  'nothing-to-disburse': { status: 422, retryable: false, title: 'The run pays nothing by this rule from this fund' },
  'disbursement-requested-already': { status: 409, retryable: false, title: 'A request in force asks for it' },
  'disbursement-request-not-found': { status: 404, retryable: false, title: 'There is no such request in this book' },
  'disbursement-status-conflict': { status: 409, retryable: false, title: 'The request is at another step' },
  'disbursement-not-in-ledger': { status: 409, retryable: false, title: 'The ledger lacks what it asks to pay' },
  'bimester-not-over': { status: 409, retryable: true, title: 'The bimester is not over yet' },
  'draw-not-found': { status: 404, retryable: false, title: 'There is no such draw in this book' },
  'draw-without-entries': { status: 422, retryable: false, title: 'There is nobody who could win' },
  'draw-already-prepared': { status: 409, retryable: false, title: 'The programme has its draw for this bimester' },
  'draw-already-seeded': { status: 409, retryable: false, title: 'The draw has its seed already' },
  'already-ended': { status: 409, retryable: false, title: 'It ended already, on another day' },
  // reconciliation
  'bank-account-not-found': { status: 404, retryable: false, title: 'There is no such bank account in this book' },
  'bank-account-taken': { status: 409, retryable: false, title: 'The number, or the account, is registered already' },
  'bank-account-unknown': { status: 422, retryable: false, title: 'The file is of an account that is not registered' },
  'account-not-at-bank': { status: 422, retryable: false, title: 'The account is none at the bank' },
  'statement-profile-not-found': { status: 404, retryable: false, title: 'The institution has no such profile' },
  'bank-file-not-found': { status: 404, retryable: false, title: 'There is no such file in this book' },
  'bank-statement-not-found': { status: 404, retryable: false, title: 'There is no such statement in this book' },
  'bank-statement-missing': { status: 409, retryable: false, title: 'No statement of the account was taken yet' },
  'break-not-found': { status: 404, retryable: false, title: 'The bank account has no such break' },
  'break-ended': { status: 409, retryable: false, title: 'The break is over' },
  'break-owner-unknown': { status: 422, retryable: false, title: 'No key in force of that client sees the break' },
  'break-has-proposal': { status: 409, retryable: false, title: 'A proposal about the break waits to be decided' },
  'resolution-not-found': { status: 404, retryable: false, title: 'The bank account has no such resolution' },
  'resolution-unfit': { status: 422, retryable: false, title: 'That is not how breaks of this sort are resolved' },
  'resolution-unbalanced': { status: 422, retryable: false, title: 'It would not be the same money on both sides' },
  'resolution-decided': { status: 409, retryable: false, title: 'The resolution was decided already' },
  'resolution-outdated': { status: 409, retryable: false, title: 'What the resolution was about has changed' },
  'balance-list-not-found': { status: 404, retryable: false, title: 'There is no such list of balances in this book' },
  'balance-comparison-not-found': { status: 404, retryable: false, title: 'The list has no such comparison' },
  'balance-proposal-not-waiting': { status: 409, retryable: false, title: 'Nothing of that waits to be decided' },
  'balance-proposal-outdated': { status: 409, retryable: false, title: 'It does not make up the difference any more' },
  'tolerance-exceeded': { status: 422, retryable: false, title: 'They differ by more than may be adjusted' },
  'account-not-for-differences': {
    status: 422,
    retryable: false,
    title: 'Fees and differences go to an account of income or of expense',
  },
  // webhooks
  'webhook-not-found': { status: 404, retryable: false, title: 'There is no such webhook in this book for you' },
  'webhook-url-refused': { status: 422, retryable: false, title: 'Nothing is posted to an address like this' },
  'webhook-limit-reached': { status: 409, retryable: false, title: 'The book posts to as many addresses as it may' },
  'webhook-disabled': { status: 409, retryable: false, title: 'The webhook is disabled' },
  'webhook-delivery-not-found': { status: 404, retryable: false, title: 'The webhook was not sent such an event' },
  // statistics
  'definition-not-found': { status: 404, retryable: false, title: 'There is no such definition' },
  'release-not-found': { status: 404, retryable: false, title: 'There is no such release for you' },
  'release-table-not-found': { status: 404, retryable: false, title: 'The release has no such table' },
  'release-discloses': {
    status: 422,
    retryable: false,
    title: 'With what was published before it would tell what is hidden',
  },
  'release-too-large': { status: 422, retryable: false, title: 'The release is larger than a release may be' },
  // seals
  'seal-not-found': { status: 404, retryable: false, title: 'There is no such seal' },
  'transaction-not-sealed': { status: 409, retryable: true, title: 'The day of the transaction is not sealed yet' },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>

export type RefusalCode = keyof typeof refusals

/** Where in the request a problem lies, and what it is. */
export type FieldProblem = { path: string; message: string }

/** An expected no. `detail` is for people and holds no personal data; `facts` are figures a client may act on. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly detail: string
  readonly facts: Record<string, unknown>
  readonly fields: FieldProblem[]

  constructor(
    code: RefusalCode,
    detail: string,
    more: { facts?: Record<string, unknown>; fields?: FieldProblem[]; cause?: unknown } = {},
  ) {
    super(`${code}: ${detail}`, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'Refusal'
    this.code = code
    this.detail = detail
    this.facts = more.facts ?? {}
    this.fields = more.fields ?? []
  }
}
