/**
 * `npm run bench`: measures speed and memory, each beside a reference in the same run. `npm run bench -- judge` runs only that
 * part; the parts are `classroom`, `paced`, `round`, `hostile` and `judge`. Options: `--times N` measurements of each kind; for the classroom
 * `--seconds N` per measurement (twice as many for the paced and the attacked one) and `--pairs N,M`; for the paced classroom `--paced-pairs N`; for the round `--actions N`; for the
 * judge `--segments N`.
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { benchClassroom } from './classroom.ts'
import { benchHostile } from './hostile.ts'
import { benchJudge } from './judge.ts'
import { benchPaced } from './paced.ts'
import { benchRound } from './round.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '5' },
    times: { type: 'string', default: '3' },
    pairs: { type: 'string', default: '50,500' },
    'paced-pairs': { type: 'string', default: '5000' },
    actions: { type: 'string', default: '2000' },
    segments: { type: 'string', default: '1000000' },
  },
})
const times = Number(values.times)
const parts = {
  classroom: () => benchClassroom({ seconds: Number(values.seconds), times, pairs: values.pairs.split(',').map(Number) }),
  paced: () => benchPaced({ pairs: Number(values['paced-pairs']), seconds: 2 * Number(values.seconds) }),
  round: () => benchRound({ actions: Number(values.actions), rounds: 10 * times }),
  hostile: () => benchHostile({ seconds: 2 * Number(values.seconds) }),
  judge: () => benchJudge({ times, segments: Number(values.segments) }),
}
const unknown = positionals.filter((part) => !(part in parts))
if (unknown.length > 0) throw new Error(`there is no part ${unknown.join(', ')}: choose among ${Object.keys(parts).join(', ')}`)

console.log(`${cpus()[0]?.model ?? 'processor'}, Node ${process.version}\n`)
for (const [part, run] of Object.entries(parts)) if (positionals.length === 0 || positionals.includes(part)) await run()
