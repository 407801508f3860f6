/** Rosters as files: encodings, separators, columns, faulty lines, and what importing would change. All of it pure. */
import { describe, expect, test } from 'vitest'
import { compareRosters, type KnownMember } from '../../server/courses/roster-file/compare-rosters.ts'
import { recognizeColumns } from '../../server/courses/roster-file/columns.ts'
import { decodeText } from '../../server/courses/roster-file/decode-text.ts'
import { readTable } from '../../server/courses/roster-file/read-table.ts'
import { readRoster } from '../../server/courses/roster-file/read-roster.ts'

const utf8 = (text: string) => Buffer.from(text, 'utf8')
const utf16le = (text: string) => Buffer.from(text, 'utf16le')
const utf16be = (text: string) => utf16le(text).swap16()
const latin1 = (text: string) => Buffer.from(text, 'latin1')
/** `学号,姓名\r\n2023001,张伟\r\n2023002,李娜\r\n`, as a Chinese Excel saves it. */
const GB18030 = Buffer.from('d1a7bac52cd0d5c3fb0d0a323032333030312cd5c5ceb00d0a323032333030322cc0eec4c80d0a', 'hex')

describe('the encoding', () => {
  const text = '学号,姓名\r\n2023001,张伟\r\n2023002,李娜\r\n'

  test.each([
    ['UTF-8', 'utf-8', utf8(text)],
    ['UTF-8 with a byte order mark', 'utf-8', utf8(`\uFEFF${text}`)],
    ['GB18030', 'gb18030', GB18030],
    ['UTF-16 LE with a byte order mark', 'utf-16le', utf16le(`\uFEFF${text}`)],
    ['UTF-16 BE with a byte order mark', 'utf-16be', utf16be(`\uFEFF${text}`)],
    ['UTF-16 LE without one', 'utf-16le', utf16le(text)],
    ['UTF-16 BE without one', 'utf-16be', utf16be(text)],
  ] as const)('%s is recognized', (_, encoding, bytes) => {
    expect(decodeText(bytes)).toEqual({ encoding, text })
  })

  test('accented letters of a European Excel are no Chinese', () => {
    const text = 'Nummer;Name\r\n1;Zoë Müller\r\n2;François\r\n'
    expect(decodeText(latin1(text))).toEqual({ encoding: 'windows-1252', text })
  })

  test('a rare character of four octets, and a name in GB18030 between ASCII', () => {
    expect(decodeText(Buffer.from('9532823682358336', 'hex'))?.encoding).toBe('gb18030')
    expect(decodeText(Buffer.from('312cd5c5', 'hex'))).toEqual({ encoding: 'gb18030', text: '1,张' })
  })

  test('the one that is asked for is taken, and bytes that are not of it are none', () => {
    expect(decodeText(GB18030, 'windows-1252')?.encoding).toBe('windows-1252')
    expect(decodeText(GB18030, 'utf-8')).toBeNull()
    expect(() => readRoster(GB18030, { encoding: 'utf-8' })).toThrow('no text of this encoding')
  })
})

describe('the table', () => {
  const rowsOf = (text: string, separator?: ',' | ';' | '\t') => readTable(text, separator).rows.map(({ cells }) => cells)

  test.each([',', ';', '\t'] as const)('%j is recognized as its separator, whatever stands within quotes', (separator) => {
    const text = `number${separator}"name; first, last\tname"\n1${separator}Bo\n`
    expect(readTable(text).separator).toBe(separator)
    expect(rowsOf(text)).toEqual([
      ['number', 'name; first, last\tname'],
      ['1', 'Bo'],
    ])
  })

  test('quotes hold separators, quotes and line breaks; lines are counted as an editor counts them', () => {
    const { rows } = readTable('n,name,remarks\r\n\r\n1,"Ek, Ada","says ""hi""\r\ntwice"\r\n2, "Bo" ,\r\n')
    expect(rows).toEqual([
      { line: 1, cells: ['n', 'name', 'remarks'] },
      { line: 3, cells: ['1', 'Ek, Ada', 'says "hi"\ntwice'] },
      { line: 5, cells: ['2', 'Bo', ''] },
    ])
  })

  test('a quote that is never closed breaks its own line only', () => {
    const { rows, brokenLines } = readTable('n,name\n1,"Ada\n2,Bo\n3,"Cy\n4,Di\n')
    expect(brokenLines).toEqual([2, 4])
    expect(rows).toEqual([
      { line: 1, cells: ['n', 'name'] },
      { line: 3, cells: ['2', 'Bo'] },
      { line: 5, cells: ['4', 'Di'] },
    ])
  })

  test('a quote within a cell is a character', () => {
    expect(rowsOf('n,name\n1,Dwayne "Rock" J\n')[1]).toEqual(['1', 'Dwayne "Rock" J'])
  })

  test("Excel's own line that says the separator is no row, but is counted", () => {
    expect(readTable('sep=;\nn;name, first\n1;Bo')).toMatchObject({ separator: ';', rows: [{ line: 2 }, { line: 3 }] })
  })

  test('empty cells between tabs, and rows of nothing but separators', () => {
    expect(rowsOf('n\tname\tgroup\n1\t\tA\n\t\t\n', '\t')).toEqual([
      ['n', 'name', 'group'],
      ['1', '', 'A'],
    ])
  })
})

describe('the columns', () => {
  test.each([
    [
      ['学号', '姓名', '邮箱', '班级/组'],
      ['number', 'name', 'email', 'group'],
    ],
    [
      ['Student Number', 'Full name', 'E-Mail', 'Group', 'Phone'],
      ['number', 'name', 'email', 'group', 'none'],
    ],
    [
      ['First name', 'Last name', 'ID number', 'Email address', 'Groups'],
      ['givenName', 'familyName', 'number', 'email', 'group'],
    ],
    [
      ['姓', '名', '学生学号', '备注'],
      ['familyName', 'givenName', 'number', 'remarks'],
    ],
    [
      ['学号（必填）', '姓 名', 'Name'],
      ['number', 'name', 'none'],
    ],
  ])('%j', (titles, columns) => {
    expect(recognizeColumns(titles)).toEqual(columns)
  })

  test('without titles they are guessed from what is in them', () => {
    const { header, columns, rows } = readRoster(utf8('Ada Ek,A-1023,ada@uni.test\nBo,A-1024,bo@uni.test\n'))
    expect(header).toBe(false)
    expect(columns.map(({ column }) => column)).toEqual(['name', 'number', 'email'])
    expect(rows).toMatchObject([
      { line: 1, number: 'A-1023', name: 'Ada Ek' },
      { line: 2, name: 'Bo' },
    ])
  })

  test('a teacher says otherwise', () => {
    const file = utf8('a,b\n7,Bo\n')
    expect(readRoster(file, { header: true, columns: ['number', 'name'] }).rows).toEqual([{ line: 2, number: '7', name: 'Bo' }])
  })

  test('each is shown with its title and what is in it', () => {
    expect(readRoster(GB18030).columns).toEqual([
      { title: '学号', column: 'number', samples: ['2023001', '2023002'] },
      { title: '姓名', column: 'name', samples: ['张伟', '李娜'] },
    ])
  })
})

describe('a member', () => {
  const read = (text: string) => readRoster(utf8(text))

  test('family and given names are joined as their language joins them', () => {
    expect(read('学号,姓,名\n1,张,伟\n2,Lovelace,Ada\n').rows.map(({ name }) => name)).toEqual(['张伟', 'Ada Lovelace'])
  })

  test('what keeps a spreadsheet from changing a cell is not part of it', () => {
    expect(read('number,name\n"=""007""","\'=Bo"\n').rows).toEqual([{ line: 2, number: '007', name: '=Bo' }])
  })

  test('an empty cell is nothing, and a field without a column is absent', () => {
    expect(read('number,name,email\n１２,Ｂo,\n').rows).toEqual([{ line: 2, number: '12', name: 'Ｂo', email: null }])
  })

  test('every faulty line is named with its reason, and the others are read', () => {
    const { faults, rows } = read(
      [
        'number,name,email,group',
        ',Ada,,',
        '2,,,',
        '3,Cy,cy at uni,',
        '4,Di,,',
        '４,Di again,,',
        '2.02E+11,Ed,,',
        '7,Ek, Fay,fay@uni.test,A',
        `8,${'x'.repeat(41)},,`,
        '9,"Gil,,',
        '10,Hal,hal@uni.test,B',
      ].join('\n'),
    )
    expect(faults).toEqual([
      { line: 2, reason: 'no-number', value: '' },
      { line: 3, reason: 'no-name', value: '2' },
      { line: 4, reason: 'bad-email', value: 'cy at uni' },
      { line: 6, reason: 'number-twice', value: '4', other: 5 },
      { line: 7, reason: 'rounded-number', value: '2.02E+11' },
      { line: 8, reason: 'too-many-cells', value: '7 | Ek | Fay | fay@uni.test | A' },
      { line: 9, reason: 'too-long', value: 'x'.repeat(41) },
      { line: 10, reason: 'quote', value: '' },
    ])
    expect(rows.map(({ number }) => number)).toEqual(['4', '10'])
  })

  test('a file without a row, or with far too many, is refused', () => {
    expect(() => read(' \n,,\n')).toThrow('empty')
    expect(() => read(`number,name\n${Array.from({ length: 3001 }, (_, i) => `${i},N`).join('\n')}`)).toThrow('3000 rows')
  })
})

describe('importing again', () => {
  const member = (number: string, name: string, rest: Partial<KnownMember> = {}): KnownMember => {
    return { id: number, number, name, email: null, group: null, remarks: '', removed: false, ...rest }
  }

  test('shows who is added, changed, gone, and how many stay', () => {
    const known = [
      member('1', 'Ada', { email: 'ada@uni.test', remarks: 'kept' }),
      member('2', 'Bo', { group: 'A' }),
      member('3', 'Cy'),
      member('4', 'Di', { removed: true }),
      member('5', 'Ed', { removed: true }),
    ]
    const read = readRoster(utf8('number,name,group\n1,Ada,\n2,Bob,B\n4,Di,\n6,Fay,\n'))
    expect(compareRosters(known, read)).toEqual({
      added: [
        { number: '4', name: 'Di', returns: true },
        { number: '6', name: 'Fay', returns: false },
      ],
      changed: [
        {
          number: '2',
          name: 'Bo',
          fields: [
            { field: 'name', from: 'Bo', to: 'Bob' },
            { field: 'group', from: 'A', to: 'B' },
          ],
        },
      ],
      gone: [{ number: '3', name: 'Cy' }],
      same: 1,
    })
  })

  test('nobody is gone whose line is faulty', () => {
    const read = readRoster(utf8('number,name\n1,\n'))
    expect(compareRosters([member('1', 'Ada')], read)).toEqual({ added: [], changed: [], gone: [], same: 0 })
  })
})
