/** Rebuilds outdated output before tests that start the whole server or open its pages. */
import { ensureBuilt } from '../../scripts/build.mjs'

export default () => ensureBuilt('classroom', console.log)
