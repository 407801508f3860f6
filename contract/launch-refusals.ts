/** Why a launch by LTI is refused. This file has no schemas, so that pages can load it. */

/** The reasons. The page for a launch that was refused has a text for each. */
export const LAUNCH_REFUSALS = [
  'unknown-platform', // nobody has registered the issuer and client id
  'blocked', // the account that registered the platform has been blocked
  'state', // the login was not begun here, has been used, or is more than ten minutes old
  'platform', // the platform itself refused, such as for a user who is not signed in there
  'keys', // the platform's key set cannot be fetched
  'signature', // not signed with a key of that set, or by an algorithm that is not accepted
  'issuer',
  'audience',
  'nonce',
  'expired', // too old, or from the future
  'deployment', // the platform's teacher has not accepted this deployment
  'target', // it is for another address than the login
  'anonymous', // it names no user
  'role', // neither a teacher's nor a learner's
  'context', // it belongs to no course
  'claims', // a claim is missing or is not of its form
] as const
export type LaunchRefusal = (typeof LAUNCH_REFUSALS)[number]
