/** Recognizes the columns of a roster, by their titles in English or Chinese, or without a header by what is in them. */
import type { RosterColumn } from '../../../contract/courses.ts'

/**
 * Titles, as `toKey` makes them, separated by spaces: those of tables that teachers keep, and of what Moodle, Canvas and student
 * systems export.
 */
const TITLES: { readonly [C in Exclude<RosterColumn, 'none'>]: string } = {
  number:
    '学号 学生学号 学籍号 学生号 考号 编号 学生编号 number studentnumber studentno studentid id idnumber sisuserid matriculationnumber matrikelnummer no',
  name: '姓名 学生姓名 名字 学生 name fullname studentname student',
  familyName: '姓 姓氏 lastname surname familyname',
  givenName: '名 firstname givenname forename',
  email: '邮箱 电子邮箱 电子邮件 邮件 邮箱地址 电子邮件地址 电邮 email emailaddress mail emailadresse',
  group: '班级 班 行政班 教学班 组 小组 分组 组别 班级组 group groups class section sections team classgroup',
  remarks: '备注 说明 remarks remark notes note comment comments',
}

const COLUMN_OF = new Map(
  Object.entries(TITLES).flatMap(([column, titles]) => titles.split(' ').map((title) => [title, column as RosterColumn] as const)),
)

/** A title without case, spaces and punctuation, and without what stands in brackets. */
const toKey = (title: string): string =>
  title
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\(.*?\)|[^\p{L}\p{N}]/gu, '')

/** The columns of a header. Of two titles for one column, the first counts. */
export function recognizeColumns(titles: readonly string[]): RosterColumn[] {
  const taken = new Set<RosterColumn>()
  return titles.map((title) => {
    const column = COLUMN_OF.get(toKey(title)) ?? 'none'
    if (taken.has(column)) return 'none'
    if (column !== 'none') taken.add(column)
    return column
  })
}

const NUMBER_PATTERN = /^[A-Za-z]{0,3}[-/ .]?\d[\d/ .-]{2,}$/

/** The columns of a table without a header: an address has an `@`, a number mostly digits, and the first other column is the name. */
export function guessColumns(rows: readonly (readonly string[])[]): RosterColumn[] {
  const width = Math.max(0, ...rows.map(({ length }) => length))
  const most = (i: number, test: (cell: string) => boolean) => {
    const filled = rows.map((cells) => cells[i] ?? '').filter((cell) => cell !== '')
    return filled.length > 0 && filled.filter(test).length * 2 > filled.length
  }
  const taken = new Set<RosterColumn>()
  return Array.from({ length: width }, (_, i): RosterColumn => {
    const column = most(i, (cell) => cell.includes('@'))
      ? 'email'
      : most(i, (cell) => NUMBER_PATTERN.test(cell.normalize('NFKC')))
        ? 'number'
        : most(i, (cell) => /\p{L}/u.test(cell))
          ? 'name'
          : 'none'
    if (taken.has(column)) return 'none'
    taken.add(column)
    return column
  })
}
