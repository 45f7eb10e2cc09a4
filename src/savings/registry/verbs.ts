import { registerAgent } from './agents.ts'
import { nameCoordinator } from './coordinations.ts'
import { endEnrolment, enrolSaver } from './enrolments.ts'
import { formGroup } from './groups.ts'
import { endMembership, joinGroup } from './memberships.ts'
import { registerOrganisation } from './organisations.ts'
import { correctSaver } from './saver-corrections.ts'
import { registerSaver } from './savers.ts'
import type { RegistryVerb } from './verb.ts'

/** Every way in which the register of a book changes. */
export const registryVerbs: readonly RegistryVerb[] = [
  registerAgent,
  registerSaver,
  correctSaver,
  formGroup,
  joinGroup,
  endMembership,
  nameCoordinator,
  registerOrganisation,
  enrolSaver,
  endEnrolment,
]
