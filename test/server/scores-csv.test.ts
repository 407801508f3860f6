/** The points of a session as a file for spreadsheets. */
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { httpFixture } from '../support/http-fixture.ts'

const http = httpFixture()

/** The cells of a file as a spreadsheet reads them: a quote is special only at the start of a cell. */
function splitAsSpreadsheet(text: string, separator: string): string[] {
  const cells = ['']
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const [char = '', cell = ''] = [text[i], cells.at(-1)]
    if (char === '"' && quoted && text[i + 1] === '"') cells[cells.length - 1] = cell + text[i++]
    else if (char === '"' && (quoted || cell === '')) quoted = !quoted
    else if (!quoted && (char === separator || char === '\r' || char === '\n')) cells.push('')
    else cells[cells.length - 1] = cell + char
  }
  return cells
}

describe('scores.csv', () => {
  const table = async (session: string) => {
    const answer = await http.teacher.get(`/api/sessions/${session}/scores.csv`)
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="scores-[A-Z2-9]{6}\.csv"$/)
    expect(answer.body.startsWith('\uFEFF')).toBe(true)
    const rows: Record<string, string>[] = parse(answer.body, { bom: true, columns: true })
    return new Map(rows.map((row) => [row.name, row]))
  }
  const roundOf = async (id: string) => (await http.at.classroom.readPlaces([id]))[0]?.round?.id ?? ''

  test('the mean of both seats, of what could be reached there; empty where not played', async () => {
    const { id, code } = await http.lesson({ swap: true, playlist: ['handshake', 'data'] })
    const [a, b] = [await http.join(code, 'Ada'), await http.join(code, 'Bob')]
    await http.join(code, 'Cyd')
    await http.teacher.post(`/api/sessions/${id}/pairs`, { members: [a, b] })
    await http.teacher.post(`/api/sessions/${id}/position`, { position: 0 })
    const first = await roundOf(a)
    http.at.rounds.score(first, 'client', [0, 0, 4]) // Ada: 2.5 of 3.
    http.at.rounds.score(first, 'server', [2, 'shut']) // Bob: 0.75 of 1; the other milestone was never opened.
    await http.at.rounds.finish(first)
    await http.at.progress.advance(first)
    const second = await roundOf(a)
    http.at.rounds.score(second, 'server', [0, 8]) // Ada: 1 of 2.
    http.at.rounds.score(second, 'client', ['shut']) // Bob had nothing that could be reached.

    const rows = await table(id)
    expect(rows.get('Ada')).toEqual({
      name: 'Ada',
      '1 handshake client points': '2.5',
      '1 handshake server points': '1',
      '1 handshake %': '66.7',
      '2 data client points': '',
      '2 data server points': '',
      '2 data %': '',
      'exercises played': '1',
      'total %': '66.7',
    })
    expect(rows.get('Bob')).toMatchObject({ '1 handshake client points': '', '1 handshake server points': '0.75', 'total %': '75' })
    expect(rows.get('Cyd')).toMatchObject({ '1 handshake %': '', 'exercises played': '0', 'total %': '' })
  })

  test('no name becomes a formula, whatever character the spreadsheet takes for its separator', async () => {
    const { id, code } = await http.lesson({ playlist: ['handshake'] })
    const starts = ['=', '+', '-', '@', '＝', '＋']
    for (const separator of [';', ',', '|', ':', '"', '";', '",', '"\t', ' ', "'", "';"])
      for (const start of starts) await http.at.classroom.join(id, `a${separator}${start}1+1`)
    for (const start of starts) await http.at.classroom.join(id, `${start}1+1`)
    const { body } = await http.teacher.get(`/api/sessions/${id}/scores.csv`)
    for (const separator of [',', ';', '\t', '|', ':', ' ']) {
      const cells = splitAsSpreadsheet(body.slice(1), separator)
      expect(cells.length).toBeGreaterThan(starts.length * 12)
      expect(cells.filter((cell) => /^[=+\-@\t\r＝＋－＠]/.test(cell))).toEqual([])
    }
    expect(code).not.toBe('')
  })

  test('of two rounds in one seat the better counts', async () => {
    const { id, code } = await http.lesson({ playlist: ['handshake'] })
    const [a, b, c] = [await http.join(code, 'Ada'), await http.join(code, 'Bob'), await http.join(code, 'Cyd')]
    await http.teacher.post(`/api/sessions/${id}/position`, { position: 0 })
    await http.teacher.post(`/api/sessions/${id}/pairs`, { members: [a, b] })
    http.at.rounds.score(await roundOf(a), 'client', [0, 0])
    await http.teacher.post(`/api/sessions/${id}/pairs`, { members: [a, c] })
    http.at.rounds.score(await roundOf(a), 'client', [8, 0])
    expect((await table(id)).get('Ada')).toMatchObject({ '1 handshake client points': '2' })
  })

  test('a name that a spreadsheet would take for a formula is text', async () => {
    const { id, code } = await http.lesson()
    const names = ['=1+1', '+1', '-1', '@SUM(A1)', '"quoted", comma']
    for (const name of names) await http.join(code, name)
    const cells = [...(await table(id)).keys()]
    expect(cells.sort()).toEqual([`'=1+1`, `'+1`, `'-1`, `'@SUM(A1)`, '"quoted", comma'].sort())
  })
})
