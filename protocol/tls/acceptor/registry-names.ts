/** The names of registered numbers; unknown numbers are written in hexadecimal (levels in decimal). */
import { VERSION_NUMBER } from './connection.ts'
import { FATAL, WARNING } from '../format/messages.ts'
import { findGroup, findScheme, findSuite } from '../format/suites.ts'

const hexadecimal = (number: number): string => `0x${number.toString(16).padStart(4, '0')}`

export const suiteName = (number: number): string => findSuite(number)?.name ?? hexadecimal(number)
export const groupName = (number: number): string => findGroup(number) ?? hexadecimal(number)
export const schemeName = (number: number): string => findScheme(number)?.name ?? hexadecimal(number)
export const versionName = (number: number): string =>
  number === VERSION_NUMBER['1.3'] ? 'TLS 1.3' : number === VERSION_NUMBER['1.2'] ? 'TLS 1.2' : hexadecimal(number)
export const levelName = (level: number): string => (level === FATAL ? 'fatal' : level === WARNING ? 'warning' : `${level}`)
