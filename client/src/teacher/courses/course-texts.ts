/** Texts for the codes of courses. The records list every code by name, so that a code without a text does not compile. */
import type { CourseRole } from '../../../../contract/access-rules.ts'
import type { RosterChanges, RosterColumn, RosterEncoding, RosterFault, RosterSeparator } from '../../../../contract/courses.ts'
import { m } from '../../generated/messages.ts'

const ROLES: { readonly [R in CourseRole]: () => string } = {
  owner: m.course_role_owner,
  teacher: m.course_role_teacher,
  assistant: m.course_role_assistant,
}
export const nameRole = (role: CourseRole): string => ROLES[role]()

const COLUMNS: { readonly [C in RosterColumn]: () => string } = {
  number: m.member_number,
  name: m.member_name,
  familyName: m.roster_family_name,
  givenName: m.roster_given_name,
  email: m.member_email,
  group: m.member_group,
  remarks: m.member_remarks,
  none: m.roster_column_none,
}
export const ROSTER_COLUMN_KEYS = Object.keys(COLUMNS) as RosterColumn[]
export const nameColumn = (column: RosterColumn): string => COLUMNS[column]()

/** The field of a member that importing changes. */
export const nameField = (field: RosterChanges['changed'][number]['fields'][number]['field']): string => COLUMNS[field]()

/** Names of encodings are the same in all languages. */
export const ENCODING_NAMES: { readonly [E in RosterEncoding]: string } = {
  'utf-8': 'UTF-8',
  gb18030: 'GB18030 (GBK, GB2312)',
  'utf-16le': 'UTF-16 LE',
  'utf-16be': 'UTF-16 BE',
  'windows-1252': 'Windows-1252',
}

const SEPARATORS: { readonly [S in RosterSeparator]: () => string } = {
  ',': m.roster_separator_comma,
  ';': m.roster_separator_semicolon,
  '\t': m.roster_separator_tab,
}
export const ROSTER_SEPARATOR_KEYS = Object.keys(SEPARATORS) as RosterSeparator[]
export const nameSeparator = (separator: RosterSeparator): string => SEPARATORS[separator]()

const FAULTS: { readonly [R in RosterFault['reason']]: (fault: RosterFault) => string } = {
  'no-number': m.roster_fault_no_number,
  'rounded-number': m.roster_fault_rounded_number,
  'number-twice': ({ value, other }) => m.roster_fault_number_twice({ value, line: other ?? 0 }),
  'no-name': m.roster_fault_no_name,
  'bad-email': m.roster_fault_bad_email,
  'too-long': m.roster_fault_too_long,
  'too-many-cells': m.roster_fault_too_many_cells,
  quote: m.roster_fault_quote,
}
/** What is wrong with a line of a roster. */
export const describeFault = (fault: RosterFault): string => FAULTS[fault.reason](fault)
