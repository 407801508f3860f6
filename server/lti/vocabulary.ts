/** The names that the LTI specifications give to claims, roles, scopes and media types. */

const LTI = 'https://purl.imsglobal.org/spec/lti/claim'

/** LTI 1.3 Core, 5.3 and 5.4. */
export const CLAIM = {
  messageType: `${LTI}/message_type`,
  version: `${LTI}/version`,
  deploymentId: `${LTI}/deployment_id`,
  targetLinkUri: `${LTI}/target_link_uri`,
  resourceLink: `${LTI}/resource_link`,
  roles: `${LTI}/roles`,
  context: `${LTI}/context`,
  launchPresentation: `${LTI}/launch_presentation`,
  lis: `${LTI}/lis`,
  custom: `${LTI}/custom`,
  // Names and Role Provisioning Services 2.0, 3.6.1.1
  memberships: 'https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice',
  // Assignment and Grade Services 2.0, 3.1
  grades: 'https://purl.imsglobal.org/spec/lti-ags/claim/endpoint',
  // Deep Linking 2.0, 4.4 and 4.5
  deepLinkingSettings: 'https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings',
  contentItems: 'https://purl.imsglobal.org/spec/lti-dl/claim/content_items',
  deepLinkingData: 'https://purl.imsglobal.org/spec/lti-dl/claim/data',
} as const

export const SCOPE = {
  memberships: 'https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly',
  lineItem: 'https://purl.imsglobal.org/spec/lti-ags/scope/lineitem',
  score: 'https://purl.imsglobal.org/spec/lti-ags/scope/score',
} as const

export const MEDIA_TYPE = {
  memberships: 'application/vnd.ims.lti-nrps.v2.membershipcontainer+json',
  lineItem: 'application/vnd.ims.lis.v2.lineitem+json',
  lineItems: 'application/vnd.ims.lis.v2.lineitemcontainer+json',
  score: 'application/vnd.ims.lis.v1.score+json',
} as const

/** Who somebody is in a platform's course, as far as it matters here. */
export type LaunchRole = 'teacher' | 'assistant' | 'student'

const MEMBERSHIP = 'http://purl.imsglobal.org/vocab/lis/v2/membership'
const INSTITUTION = 'http://purl.imsglobal.org/vocab/lis/v2/institution/person'
const SYSTEM = 'http://purl.imsglobal.org/vocab/lis/v2/system/person'

/** LTI 1.3 Core, A.2.3.1: a sub-role comes along with its principal role, which it narrows. */
const ASSISTANTS = [`${MEMBERSHIP}/Instructor#TeachingAssistant`, `${MEMBERSHIP}/Instructor#TeachingAssistantSection`]
/** A.2.3: roles in the course; their short names are those of older platforms. */
const TEACHERS = ['Instructor', 'Administrator', 'ContentDeveloper'].flatMap((role) => [`${MEMBERSHIP}#${role}`, role])
const STUDENTS = [`${MEMBERSHIP}#Learner`, 'Learner']
/** A.2.1 and A.2.2: who has no role in the course may still administer it. */
const ADMINISTRATORS = [`${SYSTEM}#Administrator`, `${SYSTEM}#SysAdmin`, `${INSTITUTION}#Administrator`]

/** The role of somebody with these roles at the platform; null if it is none that matters here, such as a parent's. */
export function toLaunchRole(roles: readonly string[]): LaunchRole | null {
  const has = (wanted: readonly string[]) => wanted.some((role) => roles.includes(role))
  if (has(ASSISTANTS)) return 'assistant'
  if (has(TEACHERS)) return 'teacher'
  if (has(STUDENTS)) return 'student'
  return has(ADMINISTRATORS) ? 'teacher' : null
}
